package dev.espalier.aggregation.intake;

import static dev.espalier.aggregation.LayeredModel.L0;
import static dev.espalier.aggregation.LayeredModel.invitation;
import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.ROUND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.LayeredModel;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.aggregation.sparse.BaseMatrices;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import jakarta.validation.Validation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * An update of 66 MB for a model of 128 MB is checked by a virtual machine that may hold 24 MB in
 * its heap and 4 MB outside it.
 */
class PruningMemoryIT {

    private static final int MATRICES = 32;
    private static final int WIDTH = 1024;
    private static final Shape SHAPE = Shape.of(WIDTH, WIDTH);

    @TempDir Path folder;

    @Test
    void anUpdateIsCheckedWhereItLies() throws Exception {
        writeBase();
        LayeredModel.write(
                folder.resolve("update"),
                LayeredModel.manifest(session(), ADA, 7, 0),
                halves(),
                DType.F32);

        Process machine =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx24m",
                                "-XX:MaxDirectMemorySize=4m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                PruningMemoryIT.class.getName(),
                                folder.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("output").toFile())
                        .start();

        assertThat(Files.size(folder.resolve("update"))).isGreaterThan(64_000_000);
        assertThat(machine.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(machine.exitValue()).as(Files.readString(folder.resolve("output"))).isZero();
    }

    /** What runs in little memory. */
    static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        PruningInspector inspector =
                new PruningInspector(
                        new ManifestReader(
                                JsonMapper.shared(),
                                Validation.buildDefaultValidatorFactory().getValidator(),
                                10_000),
                        1000);
        RoundSession session = session();
        RoundTerms terms =
                new RoundTerms(
                        session.round(),
                        session.job(),
                        session.number(),
                        session.publishAs(),
                        session.base(),
                        session.parent(),
                        session.work(),
                        session.seed(),
                        TinyModel.DEADLINE);
        Scope scope = Scope.ofLayers(List.of(0));
        PruningExpectation expected =
                new PruningExpectation(
                        terms,
                        (RoundWork.Prune) session.work(),
                        ADA,
                        scope,
                        BaseMatrices.of(structure(), List.of(folder.resolve("base")))
                                .of(List.of(0)));
        Inspection found = inspector.inspect(folder.resolve("update"), expected);
        if (!(found instanceof Inspection.Passed)) {
            throw new AssertionError(found);
        }
    }

    private static RoundSession session() {
        RoundWork.Prune work =
                new RoundWork.Prune(LayeredModel.weights(Pruner.SPARSE_GPT), LayeredModel.HALF, L0);
        return LayeredModel.session(ROUND, LayeredModel.BASE, work, invitation(ADA, 0));
    }

    private static ModelStructure structure() {
        List<Linear> linears =
                IntStream.range(0, MATRICES)
                        .mapToObj(
                                i -> new Linear("net.fc.%02d".formatted(i), WIDTH, WIDTH, false, 0))
                        .toList();
        return LayeredModel.structure("tiny", linears);
    }

    private void writeBase() throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        float[] row = new float[WIDTH];
        Arrays.fill(row, 0.5f);
        for (Linear linear : structure().linears()) {
            writer.tensor(
                    LayeredModel.stored(linear),
                    DType.F32,
                    SHAPE,
                    sink -> {
                        for (int r = 0; r < WIDTH; r++) {
                            sink.floats((long) r * WIDTH, row, 0, WIDTH);
                        }
                    });
        }
        writer.write(folder.resolve("base"));
    }

    /** Every second weight of every matrix, changed. */
    private static List<MaskedTensor> halves() {
        byte[] bits = new byte[WIDTH * WIDTH / 8];
        Arrays.fill(bits, (byte) 0b01010101);
        ElementMask mask = ElementMask.of(MemorySegment.ofArray(bits), SHAPE.elements());
        FloatReader values =
                (from, into, offset, count) -> Arrays.fill(into, offset, offset + count, 0.25f);
        List<MaskedTensor> halves = new ArrayList<>();
        for (Linear linear : structure().linears()) {
            halves.add(
                    MaskedTensor.of(
                            LayeredModel.stored(linear), SHAPE, new Encoding.Bitmap(mask), values));
        }
        return halves;
    }
}
