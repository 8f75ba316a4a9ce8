package dev.espalier.agent.work;

import dev.espalier.lm.base.BaseModel;

/** A model that can be measured: a base with an adapter over it, or as it is. */
sealed interface AnyModel permits ReadyModel, AnyModel.Bare {

    BaseModel base();

    /**
     * The same for work that needs an adapter.
     *
     * @throws CannotDoException if there is none
     */
    ReadyModel adapted();

    /** A base as it is. */
    record Bare(BaseModel base) implements AnyModel {

        @Override
        public ReadyModel adapted() {
            throw new CannotDoException(
                    "this work needs an adapter, and the assignment names none");
        }
    }
}
