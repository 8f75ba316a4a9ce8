package dev.espalier.lm.generate;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.TextToTextModel;

/** A generator of either kind. */
interface Writer extends AutoCloseable {

    GeneratedText written(int[] prompt, GenerationSettings settings);

    @Override
    void close();

    static Writer of(BaseModel base) {
        if (base.family() instanceof TextToTextModel) {
            return new Rewriting(TextToTextGenerator.of(base));
        }
        return new Continuing(TextGenerator.of(base));
    }

    record Continuing(TextGenerator generator) implements Writer {

        @Override
        public GeneratedText written(int[] prompt, GenerationSettings settings) {
            return generator.continued(prompt, settings);
        }

        @Override
        public void close() {
            generator.close();
        }
    }

    record Rewriting(TextToTextGenerator generator) implements Writer {

        @Override
        public GeneratedText written(int[] prompt, GenerationSettings settings) {
            return generator.written(prompt, settings);
        }

        @Override
        public void close() {
            generator.close();
        }
    }
}
