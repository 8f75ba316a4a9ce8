package dev.espalier.benchmarks;

import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.combine.ReferenceMaskedMean.Responder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The combine kernel on one tensor, beside the plain loop and the reference. Microseconds per
 * tensor.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CombineBenchmark {

    /** Which half of a tensor a client sends, if not all of it. */
    public enum Sent {
        /** Everything: FedAvg. */
        DENSE,
        /** Every other row: rank components. */
        ROWS,
        /** Every other column, the worst case for runs: rank components of the other factor. */
        COLUMNS,
        /** Any half of the elements: sparse pruning. */
        BITMAP
    }

    /** A round of the size that a benchmark asks for. */
    @State(Scope.Benchmark)
    @SuppressWarnings(
            "NullAway.Init") // JMH sets the parameters and calls setUp before anything else
    public static class Sized {

        @Param Sent sent;

        @Param({"4", "16"})
        int clients;

        @Param({"64", "1024"})
        int rows;

        final ExecutorService pool = Executors.newFixedThreadPool(2);
        final MaskedMean oneThread = MaskedMean.sequential();
        final MaskedMean twoThreads = new MaskedMean(pool, 2);
        MadeUpRound round;

        @Setup
        public void setUp() {
            round = new MadeUpRound(sent, clients, rows, 1024);
        }

        @TearDown
        public void tearDown() {
            pool.shutdownNow();
        }
    }

    /** Only small rounds: the reference needs two doubles for each value, and patience. */
    @State(Scope.Benchmark)
    @SuppressWarnings("NullAway.Init") // as above
    public static class Small {

        @Param Sent sent;

        @Param({"4"})
        int clients;

        @Param({"64"})
        int rows;

        MadeUpRound round;
        List<Responder> responders;

        @Setup
        public void setUp() {
            round = new MadeUpRound(sent, clients, rows, 1024);
            responders = round.responders();
        }
    }

    @Benchmark
    public float[] kernelOneThread(Sized sized) throws IOException {
        return sized.round.byKernel(sized.oneThread);
    }

    @Benchmark
    public float[] kernelTwoThreads(Sized sized) throws IOException {
        return sized.round.byKernel(sized.twoThreads);
    }

    @Benchmark
    public float[] plainLoop(Sized sized) {
        return sized.round.byPlainLoop();
    }

    @Benchmark
    public double[] reference(Small small) {
        return small.round.byReference(small.responders);
    }
}
