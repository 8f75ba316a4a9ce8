package dev.espalier.registry.version;

/** Messages as the OpenAPI document shows them. */
final class Examples {

    static final String ADAPTER =
            """
            {"key": "round 5d2f3c1e-8a8b-4f0e-9c59-0d1c5b8f7a11", "kind": "ADAPTER",
             "files": [
               {"path": "adapter_config.json", "size": 412,
                "digest": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"},
               {"path": "adapter_model.safetensors", "size": 299248,
                "digest": "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"}],
             "base": "all-minilm-l6-v2@1",
             "lineage": {"parent": "spam-filter@3", "job": "0e3c1d52-70f5-4d8f-a6a5-0b5f8c0f4b7e",
               "round": "5d2f3c1e-8a8b-4f0e-9c59-0d1c5b8f7a11", "roundNumber": 3,
               "contributors": [{"agent": "mail-provider-1", "examples": 512}]}}\
            """;

    static final String BASE =
            """
            {"key": "all-minilm-l6-v2 from its ONNX file", "kind": "BASE",
             "files": [
               {"path": "config.json", "size": 612,
                "digest": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"},
               {"path": "model.safetensors", "size": 90868376,
                "digest": "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"}],
             "structure": {"family": "bert", "layers": 6, "hiddenSize": 384, "maxPositions": 512,
               "vocabularySize": 30522, "parameters": 22713216,
               "linears": [{"name": "bert.encoder.layer.0.attention.self.query",
                 "in": 384, "out": 384, "bias": true}],
               "attentionBlocks": [],
               "classificationHead": [{"name": "classifier", "in": 384, "out": 0, "bias": true}],
               "defaultTargetModules": ["query", "value"]}}\
            """;

    static final String MANIFEST =
            """
            {"model": "spam-filter", "number": 4, "kind": "ADAPTER",
             "digest": "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7",
             "files": [
               {"path": "adapter_config.json", "size": 412,
                "digest": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"},
               {"path": "adapter_model.safetensors", "size": 299248,
                "digest": "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"}],
             "base": "all-minilm-l6-v2@1",
             "lineage": {"parent": "spam-filter@3", "job": "0e3c1d52-70f5-4d8f-a6a5-0b5f8c0f4b7e",
               "round": "5d2f3c1e-8a8b-4f0e-9c59-0d1c5b8f7a11", "roundNumber": 3,
               "contributors": [{"agent": "mail-provider-1", "examples": 512}]},
             "structure": null, "createdAt": "2026-01-31T12:00:00Z"}\
            """;

    static final String METRICS =
            """
            {"data": "mail", "examples": 400,
             "values": {"accuracy": 0.97, "macroF1": 0.96, "loss": 0.11}}\
            """;

    private Examples() {}
}
