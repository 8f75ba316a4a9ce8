package dev.espalier.benchmarks;

import dev.espalier.aggregation.combine.NearestProduct;
import dev.espalier.aggregation.combine.StackedFactors;
import java.util.Random;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * The nearest product of rank 8 to a stack of factors [width, rank] and [rank, width]: one module
 * of a rank-optimal round. Milliseconds, in one thread.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH sets the parameters and calls setUp before anything else
public class NearestProductBenchmark {

    @Param({"384", "2048"})
    int width;

    @Param({"24", "120"})
    int rank;

    private StackedFactors sum;

    @Setup
    public void setUp() {
        Random any = new Random(1);
        sum = StackedFactors.of(width, width, some(any), some(any));
    }

    @Benchmark
    public NearestProduct nearest() {
        return new NearestProduct(sum, 8);
    }

    private float[] some(Random any) {
        float[] values = new float[width * rank];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) any.nextGaussian();
        }
        return values;
    }
}
