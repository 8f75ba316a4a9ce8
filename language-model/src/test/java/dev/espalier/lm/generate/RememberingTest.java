package dev.espalier.lm.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.KeyValueMemory;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TextToTextModel.Encoded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Reading every token once gives what reading everything anew gives. */
class RememberingTest {

    static Stream<Arguments> writersAndSeeds() {
        return Stream.concat(Goldens.decoders(), Goldens.textToText())
                .flatMap(family ->
                        IntStream.range(0, 4).mapToObj(seed -> Arguments.of(family, seed)));
    }

    /** Beams are cut, doubled and put in another order on the way; odd seeds remove heads. */
    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("writersAndSeeds")
    void anyBeamsGoOnAsIfTheyWereReadAnew(String family, int seed) throws IOException {
        try (BaseModel whole = BaseModel.load(Goldens.bundled(family));
                BaseModel fewer = whole.keeping(some(whole.structure(), seed))) {
            BaseModel base = seed % 2 == 0 ? whole : fewer;
            NDManager manager = base.weights().manager();
            int before = manager.getManagedArrays().size();
            reading(base, reader -> follow(manager, reader, seed));

            assertThat(manager.getManagedArrays()).hasSize(before);
        }
    }

    private static void follow(NDManager manager, Remembering.Reader reader, int seed) {
        RandomStream any = RandomStream.of(seed);
        try (KeyValueMemory memory = new KeyValueMemory(manager)) {
            Remembering remembering = new Remembering(memory, reader);
            List<int[]> beams = List.of(tokens(any, 1 + seed), tokens(any, 1 + seed));
            for (int step = 0; step < 6; step++) {
                float[][] remembered = remembering.after(beams);
                float[][] anew = anew(manager, reader, beams);

                assertThat(remembered).hasSameDimensionsAs(anew);
                for (int row = 0; row < anew.length; row++) {
                    assertThat(remembered[row]).containsExactly(anew[row], within(1e-4f));
                }
                beams = grown(beams, any);
            }
        }
    }

    private static float[][] anew(
            NDManager manager, Remembering.Reader reader, List<int[]> sequences) {
        try (KeyValueMemory nothing = new KeyValueMemory(manager)) {
            return reader.after(nothing, sequences);
        }
    }

    /** One to four sequences, each of them one from before and a token more. */
    private static List<int[]> grown(List<int[]> beams, RandomStream any) {
        List<int[]> grown = new ArrayList<>();
        for (int n = 1 + any.nextInt(4); n > 0; n--) {
            int[] beam = beams.get(any.nextInt(beams.size()));
            int[] longer = Arrays.copyOf(beam, beam.length + 1);
            longer[beam.length] = 5 + any.nextInt(90);
            grown.add(longer);
        }
        return grown;
    }

    private static int[] tokens(RandomStream any, int length) {
        return IntStream.range(0, length).map(_ -> 5 + any.nextInt(90)).toArray();
    }

    private static void reading(BaseModel base, Consumer<Remembering.Reader> use) {
        if (base.family() instanceof TextToTextModel) {
            try (Gradients _ = Gradients.off();
                    TextToTextGenerator generator = TextToTextGenerator.of(base);
                    Workspace workspace = new Workspace(base.weights().manager())) {
                Encoded encoded = generator.encoded(new int[] {7, 8, 9, 10, 11}, workspace);
                use.accept((memory, texts) -> generator.after(encoded, memory, texts));
            }
            return;
        }
        try (TextGenerator generator = TextGenerator.of(base)) {
            use.accept(generator::after);
        }
    }

    /** A block has all heads, none, or any. */
    private static HeadMask some(ModelStructure model, int seed) {
        RandomStream any = RandomStream.of(seed, "heads");
        return HeadMask.of(
                model.attention().stream()
                        .map(block -> {
                            boolean[] kept = new boolean[block.heads()];
                            for (int head = 0; head < kept.length; head++) {
                                kept[head] = any.nextInt(3) > 0;
                            }
                            return kept;
                        })
                        .toArray(boolean[][]::new));
    }

    @Test
    void whatDoesNotGoOnFromWhatWasReadIsRefused() {
        try (NDManager manager = Compute.newManager();
                KeyValueMemory memory = new KeyValueMemory(manager)) {
            Remembering remembering =
                    new Remembering(memory, (_, texts) -> new float[texts.size()][]);
            remembering.after(List.of(new int[] {1, 2}));
            remembering.after(List.of(new int[] {1, 2, 3}, new int[] {1, 2, 4}));

            assertThat(memory.length()).isEqualTo(3);
            for (int[] other : new int[][] {{1, 2, 5, 3}, {1, 2, 3}, {1, 2, 3, 4, 5}}) {
                assertThatThrownBy(() -> remembering.after(List.of(other)))
                        .isInstanceOf(IllegalStateException.class);
            }
        }
    }
}
