package dev.espalier.registry;

import dev.espalier.protocol.Digest;

/** Messages as callers write them. */
final class Messages {

    private Messages() {}

    static String file(String path, Digest digest, long size) {
        return """
        {"path": "%s", "digest": "%s", "size": %d}\
        """
                .formatted(path, digest, size);
    }

    static String base(String key, String... files) {
        return """
        {"key": "%s", "kind": "BASE", "files": [%s]}\
        """
                .formatted(key, String.join(",", files));
    }

    static String adapter(String key, String base, String parent, String... files) {
        return """
        {"key": "%s", "kind": "ADAPTER", "base": "%s", "files": [%s],
         "lineage": {"parent": %s, "job": "0e3c1d52-70f5-4d8f-a6a5-0b5f8c0f4b7e",
           "round": "5d2f3c1e-8a8b-4f0e-9c59-0d1c5b8f7a11", "roundNumber": 3,
           "contributors": [{"agent": "ada", "examples": 512}]}}\
        """
                .formatted(
                        key,
                        base,
                        String.join(",", files),
                        parent == null ? "null" : "\"" + parent + "\"");
    }
}
