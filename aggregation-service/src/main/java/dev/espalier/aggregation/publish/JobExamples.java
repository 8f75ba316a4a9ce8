package dev.espalier.aggregation.publish;

/** What jobs' versions look like on the wire, for the OpenAPI document. */
final class JobExamples {

    static final String INITIAL =
            """
            {"job": "0f9e7a52-64e1-4a0a-8a77-0c1f7c3a9b21",
             "seed": 42,
             "publishAs": "spam-filter",
             "base": "all-minilm-l6-v2@1",
             "adapter": {"rank": 8, "alpha": 16, "dropout": 0.05,
                         "targetModules": ["query", "value"]},
             "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"],
                      "maxLength": 64}}\
            """;

    static final String MERGE =
            """
            {"job": "0f9e7a52-64e1-4a0a-8a77-0c1f7c3a9b21",
             "adapter": "spam-filter@5",
             "publishAs": "spam-filter-merged"}\
            """;

    static final String ADAPTER =
            """
            {"model": "spam-filter", "number": 1, "kind": "ADAPTER",
             "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
             "files": [{"path": "adapter_config.json",
                "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "size": 512},
               {"path": "adapter_model.safetensors",
                "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "size": 301344}],
             "base": "all-minilm-l6-v2@1",
             "lineage": {"parent": null, "job": "0f9e7a52-64e1-4a0a-8a77-0c1f7c3a9b21",
                         "round": null, "roundNumber": 0, "contributors": []},
             "structure": null, "createdAt": "2030-01-01T12:00:00Z"}\
            """;

    static final String MERGED =
            """
            {"model": "spam-filter-merged", "number": 1, "kind": "MERGED",
             "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
             "files": [{"path": "config.json",
                "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "size": 900},
               {"path": "model.safetensors",
                "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "size": 90868376}],
             "base": "all-minilm-l6-v2@1",
             "lineage": {"parent": "spam-filter@5",
                         "job": "0f9e7a52-64e1-4a0a-8a77-0c1f7c3a9b21", "round": null,
                         "roundNumber": 0,
                         "contributors": [{"agent": "mail-provider-1", "examples": 1500}]},
             "structure": null, "createdAt": "2030-01-01T13:00:00Z"}\
            """;

    private JobExamples() {}
}
