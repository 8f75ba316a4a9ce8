package dev.espalier.local.federation;

/**
 * A PostgreSQL database that all services share, each in a schema of its own.
 *
 * @param url by JDBC, without parameters
 */
public record Database(String url, String user, String password) {

    String urlOf(String schema) {
        return url + "?currentSchema=" + schema;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "Database[" + url + "]";
    }
}
