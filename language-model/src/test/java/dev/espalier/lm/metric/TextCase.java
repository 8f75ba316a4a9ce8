package dev.espalier.lm.metric;

import java.io.InputStream;
import java.util.List;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A small corpus with the numbers that {@code text-metrics/expected.py} computed for it.
 *
 * @param references one list for each prediction; ROUGE is against the first
 * @param tokens of each prediction for BLEU
 * @param rouge for each prediction precision, recall and F of ROUGE-1, -2 and -L
 */
record TextCase(
        List<String> predictions,
        List<List<String>> references,
        List<List<String>> tokens,
        List<List<List<Double>>> rouge,
        double bleu) {

    static List<TextCase> all() {
        InputStream file = TextCase.class.getResourceAsStream("/text-metrics/expected.json");
        return JsonMapper.shared().readValue(file, new TypeReference<>() {});
    }

    @Override
    public String toString() {
        return predictions.size() + " predictions, BLEU " + bleu;
    }
}
