package dev.espalier.registry.version;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What a version may be.
 *
 * @param maxSize largest sum of the sizes of its files
 */
@ConfigurationProperties("espalier.registry.versions")
record VersionProperties(@DefaultValue("1TB") DataSize maxSize) {

    VersionProperties {
        if (maxSize.toBytes() < 1) {
            throw new IllegalArgumentException(
                    "espalier.registry.versions.max-size must be at least 1 byte: " + maxSize);
        }
    }
}
