package dev.espalier.agent.model;

import dev.espalier.agent.TinyFederation;
import java.io.IOException;

class FolderRegistryTest extends RegistryContract {

    @Override
    Registry registry() throws IOException {
        return new FolderRegistry().with(TinyFederation.base(), TinyFederation.MODEL);
    }
}
