package dev.espalier.orchestrator.layers;

import dev.espalier.protocol.job.SparsityMap;
import dev.espalier.protocol.model.MatrixSparsity;

/** A sparsity map as CSV (RFC 4180): one line for each round and matrix. */
public final class SparsityTable {

    private static final String CRLF = "\r\n";

    private SparsityTable() {}

    public static String csv(SparsityMap map) {
        StringBuilder csv =
                new StringBuilder("round,matrix,elements,zeros,sparsity,responders").append(CRLF);
        for (SparsityMap.Round round : map.rounds()) {
            round.matrices().forEach(matrix -> line(csv, round.number(), matrix));
        }
        return csv.toString();
    }

    private static void line(StringBuilder csv, int round, MatrixSparsity matrix) {
        csv.append(round)
                .append(',')
                .append(quoted(matrix.name()))
                .append(',')
                .append(matrix.elements())
                .append(',')
                .append(matrix.zeros())
                .append(',')
                .append(matrix.sparsity())
                .append(',')
                .append(matrix.responders())
                .append(CRLF);
    }

    private static String quoted(String name) {
        return name.matches("[^\",\r\n]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
}
