package dev.espalier.lm.base;

import dev.espalier.lm.Goldens;
import java.nio.file.Path;

class T5GatedTest extends ModelFamilyContract {

    @Override
    Path smallModel() {
        return Goldens.bundled("t5_gated");
    }
}
