package dev.espalier.registry.model;

/** What became of the wish for a model. */
sealed interface Registration {

    record Created(Model model) implements Registration {}

    /** It was there, with the same description or without any; it has this one now. */
    record AlreadyThere(Model model) implements Registration {}

    /** It was there with another description, which stays. */
    record Contradicts(Model model) implements Registration {}
}
