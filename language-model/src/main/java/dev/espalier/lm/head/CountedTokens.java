package dev.espalier.lm.head;

import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.List;
import java.util.Set;

/** Which places of a batch hold a token, and which of those end a text: [text][place]. */
final class CountedTokens {

    private final boolean[][] present;
    private final boolean[][] end;

    private CountedTokens(int texts, int time) {
        present = new boolean[texts][time];
        end = new boolean[texts][time];
    }

    /**
     * @param kinds [text][place]: T a token, E one that ends a text, anything else padding
     */
    static CountedTokens of(List<String> kinds) {
        CountedTokens tokens = new CountedTokens(kinds.size(), longest(kinds));
        for (int row = 0; row < kinds.size(); row++) {
            for (int t = 0; t < kinds.get(row).length(); t++) {
                char kind = kinds.get(row).charAt(t);
                tokens.present[row][t] = kind == 'T' || kind == 'E';
                tokens.end[row][t] = kind == 'E';
            }
        }
        return tokens;
    }

    private static int longest(List<String> kinds) {
        return kinds.stream().mapToInt(String::length).max().orElse(0);
    }

    /** Padded on the right. */
    static CountedTokens of(List<TokenSequence> texts, Set<Integer> ends) {
        int time = texts.stream().mapToInt(TokenSequence::length).max().orElse(0);
        CountedTokens tokens = new CountedTokens(texts.size(), time);
        for (int row = 0; row < texts.size(); row++) {
            for (int t = 0; t < texts.get(row).length(); t++) {
                tokens.present[row][t] = true;
                tokens.end[row][t] = ends.contains(texts.get(row).id(t));
            }
        }
        return tokens;
    }

    /** Of what a decoder reads: the places that predict a token. */
    static CountedTokens asking(List<TextToTextExample> pairs, Set<Integer> ends) {
        CountedTokens tokens = asked(pairs, ends);
        for (int row = 0; row < pairs.size(); row++) {
            for (int t = 0; t < pairs.get(row).targetLength(); t++) {
                tokens.present[row][t] = pairs.get(row).isPredicted(t);
            }
        }
        return tokens;
    }

    /** Of what a decoder reads: the start token, and tokens that were to be predicted. */
    static CountedTokens asked(List<TextToTextExample> pairs, Set<Integer> ends) {
        int time = pairs.stream().mapToInt(TextToTextExample::targetLength).max().orElse(0);
        CountedTokens tokens = new CountedTokens(pairs.size(), time);
        for (int row = 0; row < pairs.size(); row++) {
            TokenSequence read =
                    pairs.get(row).shifted(LanguageExample.IGNORED, LanguageExample.IGNORED);
            for (int t = 0; t < read.length(); t++) {
                tokens.present[row][t] = t == 0 || read.id(t) != LanguageExample.IGNORED;
                tokens.end[row][t] = ends.contains(read.id(t));
            }
        }
        return tokens;
    }

    int texts() {
        return present.length;
    }

    int time() {
        return present.length == 0 ? 0 : present[0].length;
    }

    boolean isPresent(int text, int place) {
        return present[text][place];
    }

    boolean isEnd(int text, int place) {
        return end[text][place];
    }

    /** For every place of a text the number of tokens up to and with it. */
    int[] presentUpTo(int text) {
        int[] counts = new int[time()];
        int count = 0;
        for (int t = 0; t < counts.length; t++) {
            count += present[text][t] ? 1 : 0;
            counts[t] = count;
        }
        return counts;
    }
}
