package dev.espalier.lm.base;

import dev.espalier.lm.Goldens;
import java.nio.file.Path;

class Gpt2Test extends ModelFamilyContract {

    @Override
    Path smallModel() {
        return Goldens.bundled("gpt2");
    }
}
