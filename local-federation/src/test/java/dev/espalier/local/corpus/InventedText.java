package dev.espalier.local.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Seeded text in two labels, some of it sent again and again with another number in it. */
final class InventedText {

    private InventedText() {}

    /**
     * @return {@code originals} unlike texts and their copies; the copies of text i have sources
     *     that begin with {@code i/}
     */
    static List<LabelledText> withCopies(int originals, long seed) {
        Random chance = new Random(seed);
        List<LabelledText> texts = new ArrayList<>();
        for (int i = 0; i < originals; i++) {
            String text = words(40, chance);
            String label = chance.nextInt(3) == 0 ? "spam" : "ham";
            int copies = chance.nextInt(4) == 0 ? 1 + chance.nextInt(5) : 1;
            for (int copy = 0; copy < copies; copy++) {
                String source = i + "/" + copy;
                texts.add(new LabelledText(source, label, text + " ref " + chance.nextInt(100)));
            }
        }
        return texts;
    }

    static String words(int count, Random chance) {
        return IntStream.range(0, count)
                .mapToObj(i -> word(chance))
                .collect(Collectors.joining(" "));
    }

    private static String word(Random chance) {
        return chance.ints(2 + chance.nextInt(6), 'a', 'z' + 1)
                .mapToObj(letter -> String.valueOf((char) letter))
                .collect(Collectors.joining());
    }

    static String original(LabelledText text) {
        return text.source().substring(0, text.source().indexOf('/'));
    }
}
