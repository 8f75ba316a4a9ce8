package dev.espalier.local.federation;

/** What a federation on one machine consists of, in the order in which it is started. */
public enum Part {
    REGISTRY("model-registry", 8081),
    AGGREGATION("aggregation-service", 8082),
    ORCHESTRATOR("orchestrator-service", 8080),
    /** All agents, in one context. */
    AGENTS("client-agent", 8090);

    private final String program;
    private final int usualPort;

    Part(String program, int usualPort) {
        this.program = program;
        this.usualPort = usualPort;
    }

    /** The name of its module, as in docs/protocol.md. */
    public String program() {
        return program;
    }

    /** The port it listens on where nothing else is asked for. */
    public int usualPort() {
        return usualPort;
    }
}
