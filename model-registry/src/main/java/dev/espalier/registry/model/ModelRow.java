package dev.espalier.registry.model;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.MapKeyColumn;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.hibernate.annotations.BatchSize;
import org.jspecify.annotations.Nullable;

/** Inserted by {@link ModelRows#insertIfNew}; changed only while its row is locked. */
@Entity(name = "Model")
@Table(name = "model")
class ModelRow {

    @Id private String name;
    private @Nullable String description;
    private int versions;
    private Instant createdAt;

    @ElementCollection
    @CollectionTable(name = "alias", joinColumns = @JoinColumn(name = "model"))
    @MapKeyColumn(name = "name")
    @Column(name = "version")
    @BatchSize(size = 100)
    private Map<String, Integer> aliases = new HashMap<>();

    @SuppressWarnings("NullAway.Init") // filled by Hibernate
    protected ModelRow() {}

    Model model() {
        return new Model(
                new ModelName(name),
                Optional.ofNullable(description),
                versions,
                aliases.entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        alias -> new AliasName(alias.getKey()),
                                        Map.Entry::getValue)),
                createdAt);
    }

    void describe(String text) {
        description = text;
    }

    int countUp() {
        return ++versions;
    }

    void point(AliasName alias, int version) {
        aliases.put(alias.value(), version);
    }
}
