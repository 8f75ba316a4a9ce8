package dev.espalier.orchestrator.assignment;

/** What the OpenAPI document shows of this room. */
final class Examples {

    static final String POLL =
            """
            {
              "capabilities": {
                "roles": ["TRAIN"],
                "data": [{"name": "mail", "task": "SEQUENCE_CLASSIFICATION",
                          "labels": ["ham", "spam"], "trainRows": 1204, "heldOutRows": 0}],
                "families": ["bert"],
                "memoryBytes": 4294967296,
                "processors": 4,
                "uplinkBytesPerSecond": 2500000,
                "device": "cpu",
                "software": "client-agent 0.1.0"
              }
            }\
            """;

    static final String TRAIN =
            """
            {
              "kind": "TRAIN",
              "id": "0192f0c1-7c1e-7a51-9d55-3c0d6f9d2a11",
              "job": "0192f0c1-0a3b-7c44-8a10-6f3f0f6f4b01",
              "round": "0192f0c1-7c00-7d10-b7de-50a6c7e83c02",
              "roundNumber": 2,
              "data": "mail",
              "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"],
                       "maxLength": 64},
              "base": "all-minilm-l6-v2@1",
              "adapter": "spam-filter@2",
              "adapterSpec": {"rank": 8, "alpha": 16.0, "dropout": 0.0,
                              "targetModules": ["query", "value"]},
              "training": {"localEpochs": 1, "batchSize": 16, "learningRate": 5.0E-4,
                           "schedule": "CONSTANT", "warmup": 0.0, "weightDecay": 0.01,
                           "clipNorm": 1.0, "maxExamples": null},
              "scope": {"heads": null, "components": null},
              "heads": null,
              "seed": -4767286540954276203,
              "uploadToken": "3lqv5pT0hJkzS1o2xq8JH5x1VJ0mYc4b9uWn7dQeKfs",
              "deadline": "2026-01-05T10:25:30.123Z"
            }\
            """;

    static final String PRUNE =
            """
            {
              "kind": "PRUNE",
              "id": "0192f0c1-7c1e-7a51-9d55-3c0d6f9d2a44",
              "job": "0192f0c1-0a3b-7c44-8a10-6f3f0f6f4b01",
              "round": "0192f0c1-7c00-7d10-b7de-50a6c7e83c02",
              "roundNumber": 1,
              "data": "letters",
              "task": {"kind": "CAUSAL_LANGUAGE_MODELLING", "labels": [], "maxLength": 128},
              "base": "opt-125m@1",
              "plan": {"layers": [0, 3, 4, 7, 9, 11], "sparsity": 0.5,
                       "settings": {"sparsity": 0.5, "schedule": "LINEAR", "pruner": "WANDA",
                                    "cutRule": "EXACT", "calibrationSamples": 32,
                                    "dampening": 0.01, "blockSize": 128}},
              "seed": -4767286540954276203,
              "uploadToken": "3lqv5pT0hJkzS1o2xq8JH5x1VJ0mYc4b9uWn7dQeKfs",
              "deadline": "2026-01-05T10:25:30.123Z"
            }\
            """;

    static final String EVALUATE =
            """
            {
              "kind": "EVALUATE",
              "id": "0192f0c1-9d2e-7b60-8f1c-2b7e4f5a6c22",
              "job": "0192f0c1-0a3b-7c44-8a10-6f3f0f6f4b01",
              "round": "0192f0c1-7c00-7d10-b7de-50a6c7e83c02",
              "roundNumber": 2,
              "data": "mail",
              "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"],
                       "maxLength": 64},
              "base": "all-minilm-l6-v2@1",
              "adapter": "spam-filter@3",
              "adapterSpec": {"rank": 8, "alpha": 16.0, "dropout": 0.0,
                              "targetModules": ["query", "value"]},
              "deadline": "2026-01-05T10:35:30.123Z"
            }\
            """;

    static final String SCORE =
            """
            {
              "kind": "SCORE",
              "id": "0192f0c1-8a10-7c71-a2f4-5d6e7f809133",
              "job": "0192f0c1-0a3b-7c44-8a10-6f3f0f6f4b01",
              "round": "0192f0c1-7c00-7d10-b7de-50a6c7e83c02",
              "roundNumber": 2,
              "data": "mail",
              "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"],
                       "maxLength": 64},
              "base": "all-minilm-l6-v2@1",
              "adapter": "spam-filter@2",
              "adapterSpec": {"rank": 8, "alpha": 16.0, "dropout": 0.0,
                              "targetModules": ["query", "value"]},
              "samples": 256,
              "alsoOwn": true,
              "seed": 5291740318862047751,
              "deadline": "2026-01-05T10:17:30.123Z"
            }\
            """;

    static final String PROGRESS =
            """
            {"stage": "TRAINING", "step": 12, "steps": 76, "loss": 0.41,
             "examplesPerSecond": 31.5, "etaSeconds": 32.5}\
            """;

    static final String CONTINUE =
            """
            {"action": "CONTINUE", "reason": null}\
            """;

    static final String STOP =
            """
            {"action": "STOP", "reason": "the job was cancelled"}\
            """;

    static final String TRAINED =
            """
            {"kind": "TRAINED",
             "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
             "bytesDown": 421188, "baseBytesDown": 0, "trainSeconds": 38.2, "uploadSeconds": 0.4,
             "cost": {"macs": 1843000000000, "attentionMacs": 421000000000,
                      "attentionMacsDenseOutput": 498000000000, "scoringMacs": 9200000000}}\
            """;

    static final String PRUNED =
            """
            {"kind": "PRUNED",
             "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
             "bytesDown": 250000000, "baseBytesDown": 250000000, "pruneSeconds": 21.7,
             "uploadSeconds": 1.4,
             "cost": {"macs": 843000000000, "attentionMacs": 21000000000,
                      "attentionMacsDenseOutput": 98000000000, "scoringMacs": 0}}\
            """;

    static final String EVALUATED =
            """
            {"kind": "EVALUATED", "examples": 600, "accuracy": 0.965, "macroF1": 0.958,
             "loss": 0.11, "bleu": null, "rougeL": null, "perplexity": null, "tokens": null,
             "bytesDown": 421188, "baseBytesDown": 0}\
            """;

    static final String SCORED =
            """
            {"kind": "SCORED", "examples": 256, "loss": 0.61, "ownLoss": 0.25,
             "bytesDown": 304136, "baseBytesDown": 0,
             "cost": {"macs": 0, "attentionMacs": 0, "attentionMacsDenseOutput": 0,
                      "scoringMacs": 46200000000}}\
            """;

    static final String FAILED =
            """
            {"kind": "FAILED", "reason": "column 'label' is missing in the configured file",
             "bytesDown": 0, "baseBytesDown": 0}\
            """;

    private Examples() {}
}
