package dev.espalier.aggregation.session;

/** What rounds look like on the wire, for the OpenAPI document. */
final class RoundExamples {

    static final String SESSION =
            """
            {"round": "5a0c9e86-8f3e-4d7b-9f0e-0d6a3f0f7f11",
             "job": "0f9e7a52-64e1-4a0a-8a77-0c1f7c3a9b21",
             "number": 1,
             "publishAs": "spam-filter",
             "base": "all-minilm-l6-v2@1",
             "parent": "spam-filter@1",
             "work": {
               "kind": "FINE_TUNE",
               "adapter": {"rank": 8, "alpha": 16, "dropout": 0.05,
                           "targetModules": ["query", "value"]},
               "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"],
                        "maxLength": 64},
               "aggregation": {"rule": "HEAD_WEIGHTED", "weighting": "N_TIMES_CONF",
                               "maxUpdateNorm": 50},
               "ranks": {
                 "variant": "FREEZING",
                 "allotment": {"by": "TIERS", "tiers": [
                   {"rank": 8, "minUplinkBytesPerSecond": 1000000},
                   {"rank": 2}]},
                 "importance": {"score": "SMOOTHED", "source": "UPDATE_PROXY", "beta1": 0.85,
                                "beta2": 0.85},
                 "coldStartRounds": null,
                 "starvationEvery": 10}},
             "seed": 42,
             "cohort": [
               {"agent": "mail-provider-1",
                "tokenHash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "scope": {"heads": null,
                          "components": {"encoder.layer.0.attention.self.query": [1, 4],
                                         "encoder.layer.0.attention.self.value": [0, 6]}},
                "heads": {"atMost": 8, "forced": {"encoder.layer.0.attention": [3]}},
                "upload": {"bits": 8, "budgetBytes": null}}],
             "deadline": "2030-01-01T12:10:00Z"}\
            """;

    static final String PRUNE_SESSION =
            """
            {"round": "5a0c9e86-8f3e-4d7b-9f0e-0d6a3f0f7f11",
             "job": "0f9e7a52-64e1-4a0a-8a77-0c1f7c3a9b21",
             "number": 1,
             "publishAs": "opt-mail",
             "base": "opt-125m@1",
             "parent": "opt-125m@1",
             "work": {
               "kind": "PRUNE",
               "weights": {"sparsity": 0.5, "schedule": "LINEAR", "pruner": "WANDA",
                           "cutRule": "EXACT", "calibrationSamples": 32, "dampening": 0.01,
                           "blockSize": 128},
               "sparsity": 0.5,
               "aggregation": {"rule": "L0_MASK_EXPANSION", "ties": "MAGNITUDE_THEN_INDEX"}},
             "seed": 42,
             "cohort": [
               {"agent": "mail-provider-1",
                "tokenHash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "scope": {"heads": null, "components": null, "layers": [0, 3, 7]},
                "heads": null, "upload": null}],
             "deadline": "2030-01-01T12:10:00Z"}\
            """;

    private static final String ROUND = "{\"round\": \"5a0c9e86-8f3e-4d7b-9f0e-0d6a3f0f7f11\",\n ";

    private static final String MISSING =
            """
            "updates": [{"agent": "mail-provider-1", "state": "MISSING", "reason": null,
              "digest": null, "bytesUp": 0, "taskHeadBytesUp": 0, "wireBytesUp": 0,
              "examples": 0, "steps": 0, "keptHeads": null, "keptComponents": null,
              "layers": null, "sparsity": null, "quantisationError": null,
              "lossBefore": null, "lossAfter": null,
              "trainSeconds": 0.0, "changeNorm": null, "receivedAt": null}],
             "published": null, "publishedBase": null, "standalone": null, "reason": null,
             "heads": null, "components": null, "matrices": null, "aggregationSeconds": 0.0}\
            """;

    private static final String ACCEPTED =
            """
            "updates": [{"agent": "mail-provider-1", "state": "ACCEPTED", "reason": null,
              "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
              "bytesUp": 298008, "taskHeadBytesUp": 3080, "wireBytesUp": 301344,
              "examples": 1500, "steps": 94, "keptHeads": 8, "keptComponents": null,
              "layers": null, "sparsity": null, "quantisationError": null,
              "lossBefore": 0.69, "lossAfter": 0.21,
              "trainSeconds": 41.5, "changeNorm": 1.7, "receivedAt": "2030-01-01T12:03:00Z"}],
            """;

    private static final String PRUNED =
            """
            "updates": [{"agent": "mail-provider-1", "state": "ACCEPTED", "reason": null,
              "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
              "bytesUp": 2654216, "taskHeadBytesUp": 0, "wireBytesUp": 2656488,
              "examples": 1500, "steps": 0, "keptHeads": null, "keptComponents": null,
              "layers": 3, "sparsity": 0.5, "quantisationError": null,
              "lossBefore": null, "lossAfter": null,
              "trainSeconds": 41.5, "changeNorm": null, "receivedAt": "2030-01-01T12:03:00Z"}],
            """;

    static final String OPEN = ROUND + "\"state\": \"OPEN\",\n " + MISSING;

    static final String CANCELLED = ROUND + "\"state\": \"CANCELLED\",\n " + MISSING;

    static final String SEALED =
            ROUND
                    + "\"state\": \"SEALED\",\n "
                    + ACCEPTED
                    + " \"published\": null, \"publishedBase\": null, \"standalone\": null,"
                    + " \"reason\": null, \"heads\": null, \"components\": null,"
                    + " \"matrices\": null, \"aggregationSeconds\": 0.0}";

    private static final String COMPONENTS =
            """
             "components": [{"module": "encoder.layer.0.attention.self.query",
              "contributors": [0, 1, 0, 0, 1, 0, 0, 0],
              "importance": [0, 0.0021, 0, 0, 0.0017, 0, 0, 0],
              "age": [1, 0, 1, 1, 0, 1, 1, 1], "truncationError": null}],
            """;

    static final String PUBLISHED =
            ROUND
                    + "\"state\": \"PUBLISHED\",\n "
                    + ACCEPTED
                    + " \"published\": \"spam-filter@2\", \"publishedBase\": null,"
                    + " \"standalone\": null, \"reason\": null,"
                    + " \"heads\": [{\"block\": \"encoder.layer.0.attention\","
                    + " \"contributors\": [0, 0, 0, 1], \"confidence\": [0, 0, 0, 0.61]}],"
                    + COMPONENTS
                    + " \"matrices\": null,"
                    + " \"aggregationSeconds\": 0.4}";

    static final String PUBLISHED_PRUNED =
            ROUND
                    + "\"state\": \"PUBLISHED\",\n "
                    + PRUNED
                    + " \"published\": \"opt-mail-base@1\","
                    + " \"publishedBase\": \"opt-mail-base@1\","
                    + " \"standalone\": null, \"reason\": null,"
                    + " \"heads\": null, \"components\": null,"
                    + " \"matrices\": [{\"name\": \"model.decoder.layers.0.fc1.weight\","
                    + " \"elements\": 2359296, \"zeros\": 1179648, \"responders\": 1}],"
                    + " \"aggregationSeconds\": 2.1}";

    private RoundExamples() {}
}
