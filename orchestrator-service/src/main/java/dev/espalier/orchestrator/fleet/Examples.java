package dev.espalier.orchestrator.fleet;

/** What the OpenAPI document shows of this room. */
final class Examples {

    private static final String CAPABILITIES =
            """
            {
              "roles": ["TRAIN"],
              "data": [{"name": "mail", "task": "SEQUENCE_CLASSIFICATION",
                        "labels": ["ham", "spam"], "trainRows": 1204, "heldOutRows": 0}],
              "families": ["bert"],
              "memoryBytes": 4294967296,
              "processors": 4,
              "device": "cpu",
              "software": "client-agent 0.1.0"
            }\
            """;

    static final String AGENT =
            """
            {
              "name": "mail-provider-1",
              "alive": true,
              "capabilities":\
            """
                    + CAPABILITIES
                    + """
                    ,
                      "assignment": "0192f0c1-7c1e-7a51-9d55-3c0d6f9d2a11",
                      "progress": {"stage": "TRAINING", "step": 12, "steps": 76, "loss": 0.41,
                                   "examplesPerSecond": 31.5, "etaSeconds": 32.5},
                      "enrolledAt": "2026-01-05T10:14:02.511Z",
                      "lastSeen": "2026-01-05T10:16:40.007Z"
                    }\
                    """;

    static final String ENROLMENT =
            """
            {
              "secret": "kq3vJ5uE0m7RyT1xZb9cL2dN4fH6gS8w",
              "capabilities":\
            """
                    + CAPABILITIES
                    + "}";

    private Examples() {}
}
