package dev.espalier.aggregation.sparse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.combine.TieOrder;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A model of 128 MB is combined by a virtual machine that may hold 24 MB in its heap and 4 MB
 * outside it: eight for the arrays of the largest matrix, the rest for the machine itself. Mapped
 * files are the operating system's to drop.
 */
class SparseMemoryIT {

    private static final int MATRICES = 32;
    private static final Shape SHAPE = Shape.of(1024, 1024);
    private static final int ELEMENTS = 1024 * 1024;

    @TempDir Path folder;

    @ParameterizedTest(name = "{0} clients")
    @ValueSource(ints = {2, 16})
    void memoryDependsNeitherOnTheModelNorOnTheNumberOfClients(int clients) throws Exception {
        writeBase();
        for (int client = 0; client < clients; client++) {
            writeMasks(client);
        }

        Process machine =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx24m",
                                "-XX:MaxDirectMemorySize=4m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SparseMemoryIT.class.getName(),
                                folder.toString(),
                                String.valueOf(clients))
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("output").toFile())
                        .start();

        assertThat(machine.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(machine.exitValue()).as(Files.readString(folder.resolve("output"))).isZero();
        assertThat(folder.resolve("new.safetensors")).isNotEmptyFile();
        assertThat(Files.size(folder.resolve("new.safetensors")))
                .isGreaterThan((long) MATRICES * ELEMENTS * Float.BYTES);
    }

    /** What runs in little memory. */
    static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        List<SparseUpdate> updates = new ArrayList<>();
        for (int client = 0; client < Integer.parseInt(args[1]); client++) {
            AgentName agent = new AgentName("client-" + client);
            updates.add(new SparseUpdate(agent, 1, update(folder, client)));
        }
        List<MatrixSparsity> told =
                new SparseCombiner(MaskedMean.sequential())
                        .combine(
                                new SparseCombiner.Files(
                                        List.of(folder.resolve("base.safetensors")),
                                        null,
                                        folder.resolve("mask.safetensors"),
                                        folder.resolve("new.safetensors")),
                                names(),
                                updates,
                                new Expansion.Adaptive(
                                        new BigDecimal("0.7"), TieOrder.MAGNITUDE_THEN_INDEX, 1));
        if (told.stream().anyMatch(matrix -> matrix.zeros() != 734_004)) { // ceil(0.7 * 2^20)
            throw new AssertionError("not as sparse as it should be: " + told);
        }
    }

    private static SortedSet<String> names() {
        SortedSet<String> names = new TreeSet<>();
        for (int matrix = 0; matrix < MATRICES; matrix++) {
            names.add("layers.%02d.weight".formatted(matrix));
        }
        return names;
    }

    private static Path update(Path folder, int client) {
        return folder.resolve("update-" + client);
    }

    private void writeBase() throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : names()) {
            writer.tensor(
                    name,
                    DType.F32,
                    SHAPE,
                    sink -> {
                        Random random = new Random(name.hashCode());
                        float[] row = new float[1024];
                        for (int r = 0; r < 1024; r++) {
                            for (int c = 0; c < 1024; c++) {
                                row[c] = random.nextFloat() - 0.5f;
                            }
                            sink.floats((long) r * 1024, row, 0, 1024);
                        }
                    });
        }
        writer.write(folder.resolve("base.safetensors"));
    }

    private void writeMasks(int client) throws IOException {
        Random random = new Random(client);
        List<MaskedTensor> masks = new ArrayList<>();
        for (String name : names()) {
            byte[] bits = new byte[ELEMENTS / 8];
            random.nextBytes(bits);
            masks.add(
                    MaskedTensor.maskOnly(
                            name, SHAPE, ElementMask.of(MemorySegment.ofArray(bits), ELEMENTS)));
        }
        UpdateFile.write(update(folder, client), Map.of(), masks, DType.F32);
    }
}
