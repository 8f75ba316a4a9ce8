package dev.espalier.lm.base;

import dev.espalier.lm.Goldens;
import java.nio.file.Path;

class LlamaTest extends ModelFamilyContract {

    @Override
    Path smallModel() {
        return Goldens.bundled("llama");
    }
}
