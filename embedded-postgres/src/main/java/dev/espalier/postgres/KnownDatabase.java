package dev.espalier.postgres;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** A database handed to Spring as if a user had configured it. */
public record KnownDatabase(String url, String user, String secret)
        implements JdbcConnectionDetails {

    @Override
    public String getUsername() {
        return user;
    }

    @Override
    public String getPassword() {
        return secret;
    }

    @Override
    public String getJdbcUrl() {
        return url;
    }

    /** Without the secret, which must not reach a log. */
    @Override
    public String toString() {
        return url;
    }
}
