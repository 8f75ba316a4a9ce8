package dev.espalier.protocol.work;

/** What an agent lends its hand to. */
public enum AgentRole {
    /** Trains on its data and hands in updates. */
    TRAIN,
    /** Evaluates global versions on its held-out data. */
    EVALUATE
}
