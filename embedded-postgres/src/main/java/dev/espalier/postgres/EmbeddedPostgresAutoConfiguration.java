package dev.espalier.postgres;

import java.io.IOException;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * PostgreSQL as the zero-configuration default: only where no {@code spring.datasource.url} is
 * given.
 */
@AutoConfiguration(before = DataSourceAutoConfiguration.class)
@ConditionalOnMissingBean(JdbcConnectionDetails.class)
@Conditional(EmbeddedPostgresAutoConfiguration.NoUrl.class)
@EnableConfigurationProperties(EmbeddedPostgresProperties.class)
class EmbeddedPostgresAutoConfiguration {

    @Bean(destroyMethod = "close")
    PostgresServer embeddedPostgres(EmbeddedPostgresProperties properties, Environment environment)
            throws IOException {
        String application = environment.getProperty("spring.application.name", "application");
        return PostgresServer.start(properties.dataDirOr(application));
    }

    @Bean
    JdbcConnectionDetails embeddedPostgresConnection(PostgresServer server) {
        return new KnownDatabase(server.jdbcUrl(), server.user(), server.password());
    }

    /** True where nobody named a database. */
    static final class NoUrl implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            Environment environment = context.getEnvironment();
            return environment.getProperty("spring.datasource.url") == null;
        }
    }
}
