package dev.espalier.local.federation;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The loopback port of every part, chosen once: a part that is restarted comes back on its own. */
public record Ports(Map<Part, Integer> of) {

    public Ports {
        of = Map.copyOf(of);
    }

    /** The usual ports; free ones instead of those that are taken. */
    public static Ports usual() throws IOException {
        return choose(true);
    }

    /** Any free ports, so that several federations can run side by side. */
    public static Ports free() throws IOException {
        return choose(false);
    }

    public int port(Part part) {
        return Objects.requireNonNull(of.get(part));
    }

    public URI url(Part part) {
        return URI.create("http://127.0.0.1:" + port(part));
    }

    private static Ports choose(boolean usual) throws IOException {
        Map<Part, Integer> ports = new EnumMap<>(Part.class);
        List<ServerSocket> held = new ArrayList<>(); // so that no two parts get the same
        try {
            for (Part part : Part.values()) {
                ServerSocket socket = usual ? usualOrFree(part) : bind(0);
                held.add(socket);
                ports.put(part, socket.getLocalPort());
            }
            return new Ports(ports);
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    private static ServerSocket usualOrFree(Part part) throws IOException {
        try {
            return bind(part.usualPort());
        } catch (IOException taken) {
            return bind(0);
        }
    }

    private static ServerSocket bind(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            // as Tomcat does: a port whose last connections only linger is free
            socket.setReuseAddress(true);
            socket.bind(
                    new InetSocketAddress(
                            InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            return socket;
        } catch (IOException taken) {
            socket.close();
            throw taken;
        }
    }
}
