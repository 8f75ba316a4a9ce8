package dev.espalier.registry.version;

import static dev.espalier.protocol.problem.ProblemType.NOT_FOUND;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.registry.model.Model;
import dev.espalier.registry.model.Models;
import org.springframework.stereotype.Component;

/** Finds for the resources what a URL names, or refuses with what is missing. */
@Component
class Shelf {

    private final Models models;
    private final Versions versions;

    Shelf(Models models, Versions versions) {
        this.models = models;
        this.versions = versions;
    }

    /**
     * @param selector a number or an alias
     */
    VersionManifest version(ModelName model, String selector) {
        VersionRef ref = ref(model, selector);
        return versions.find(ref)
                .orElseThrow(() -> new IllegalStateException("counted but not there: " + ref));
    }

    VersionRef ref(ModelName model, String selector) {
        int number =
                model(model)
                        .resolve(selector)
                        .orElseThrow(() ->
                                new ProblemException(
                                        NOT_FOUND,
                                        "model %s has no version %s"
                                                .formatted(model, shortened(selector))));
        return new VersionRef(model, number);
    }

    Model model(ModelName model) {
        return models.find(model)
                .orElseThrow(() -> new ProblemException(NOT_FOUND, "there is no model " + model));
    }

    private static String shortened(String selector) {
        return selector.length() <= 63 ? selector : selector.substring(0, 63) + "...";
    }
}
