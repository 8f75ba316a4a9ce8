package dev.espalier.postgres.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * Puts a fresh database on a real PostgreSQL server behind a test's Spring context: one server per
 * JVM, one database per context.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Import(RealPostgres.Database.class)
public @interface RealPostgres {

    /** Hands the fresh database to Spring as if a user had configured it. */
    @TestConfiguration(proxyBeanMethods = false)
    class Database {

        @Bean
        JdbcConnectionDetails testDatabase() {
            return TestPostgres.shared().freshDatabase();
        }
    }
}
