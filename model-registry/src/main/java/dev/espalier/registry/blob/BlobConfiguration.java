package dev.espalier.registry.blob;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.UUID;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Brings disk and chance into the room. Another {@link BlobStore} is put in place here. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(BlobProperties.class)
class BlobConfiguration {

    @Bean
    BlobStore blobStore(BlobProperties properties) {
        return new FileBlobStore(properties.folder().resolve("stored"));
    }

    @Bean
    StagingArea stagingArea(BlobProperties properties) {
        return new StagingArea(properties.folder().resolve("staged"), UUID::randomUUID);
    }

    @Bean
    Blobs blobs(
            BlobStore store,
            StagingArea staging,
            BlobRows rows,
            InstantSource clock,
            BlobProperties properties,
            MeterRegistry meters) {
        return new Blobs(store, staging, rows, clock, properties.maxSize().toBytes(), meters);
    }

    @Bean
    AbandonedUploads abandonedUploads(
            StagingArea staging, BlobProperties properties, InstantSource clock) {
        return new AbandonedUploads(staging, properties.abandonedAfter(), clock);
    }

    @Bean
    BlobSender blobSender(BlobStore store, MeterRegistry meters) {
        return new BlobSender(store, meters);
    }
}
