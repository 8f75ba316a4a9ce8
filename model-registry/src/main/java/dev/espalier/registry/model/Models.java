package dev.espalier.registry.model;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.model.CreateModel;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The models. Whoever changes one holds its row until the transaction ends, so changes of one model
 * come one after the other and those of different models side by side.
 */
@Component
public class Models {

    private final ModelRows rows;
    private final InstantSource clock;

    Models(ModelRows rows, InstantSource clock) {
        this.rows = rows;
        this.clock = clock;
    }

    @Transactional(readOnly = true)
    public Optional<Model> find(ModelName name) {
        return rows.findByName(name.value()).map(ModelRow::model);
    }

    /** All models, in ascending order of name. */
    @Transactional(readOnly = true)
    public List<Model> all() {
        return rows.findAllByOrderByName().stream().map(ModelRow::model).toList();
    }

    /** Creates or describes a model. The first description stays. */
    @Transactional
    Registration register(CreateModel wish) {
        boolean created = rows.insertIfNew(wish.name().value(), clock.instant()) == 1;
        ModelRow row = held(wish.name());
        Optional<String> known = row.model().description();
        if (known.isPresent() && !known.get().equals(wish.description())) {
            return new Registration.Contradicts(row.model());
        }
        row.describe(wish.description());
        return created
                ? new Registration.Created(row.model())
                : new Registration.AlreadyThere(row.model());
    }

    /** Holds a model until the caller's transaction ends. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<Model> hold(ModelName name) {
        return rows.lock(name.value()).map(ModelRow::model);
    }

    /** Holds a model until the caller's transaction ends; creates it where there is none. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Model holdOrCreate(ModelName name) {
        rows.insertIfNew(name.value(), clock.instant());
        return held(name).model();
    }

    /** Draws the number of the next version of a model that the caller holds. */
    @Transactional(propagation = Propagation.MANDATORY)
    public int nextNumber(ModelName name) {
        return held(name).countUp();
    }

    /** Points an alias of a model that the caller holds at a version that exists. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void point(ModelName name, AliasName alias, int version) {
        held(name).point(alias, version);
    }

    private ModelRow held(ModelName name) {
        return rows.lock(name.value())
                .orElseThrow(() -> new IllegalStateException("model vanished: " + name));
    }
}
