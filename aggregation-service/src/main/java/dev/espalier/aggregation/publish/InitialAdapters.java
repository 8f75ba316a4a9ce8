package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.InitialAdapter;
import java.io.IOException;
import java.util.List;
import org.springframework.stereotype.Component;

/** Draws and publishes the adapter that a job begins with, once per job. */
@Component
class InitialAdapters {

    private final Publisher publisher;

    InitialAdapters(Publisher publisher) {
        this.publisher = publisher;
    }

    VersionManifest publish(InitialAdapter asked) throws IOException {
        Publisher.Frame frame = publisher.frame(asked.base(), asked.adapter(), asked.task());
        try (Draft draft = publisher.draft()) {
            new AdapterDraw(asked.seed())
                    .write(
                            frame.layout(),
                            asked.task().labels(),
                            draft.file(VersionPaths.ADAPTER_WEIGHTS));
            return publisher.adapter(
                    asked.publishAs(),
                    "initial:" + asked.job(),
                    frame,
                    new Lineage(null, asked.job(), null, 0, List.of()),
                    draft);
        }
    }
}
