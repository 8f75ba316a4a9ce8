package dev.espalier.orchestrator.heads;

import dev.espalier.protocol.job.HeadMap;

/** The head map as CSV (RFC 4180): one line for each round, block and head. */
public final class HeadTable {

    private static final String CRLF = "\r\n";

    private HeadTable() {}

    public static String csv(HeadMap map) {
        StringBuilder csv =
                new StringBuilder("round,block,head,contributors,cohort,confidence").append(CRLF);
        for (HeadMap.Round round : map.rounds()) {
            for (int block = 0; block < map.blocks().size(); block++) {
                lines(csv, map.blocks().get(block), round, block);
            }
        }
        return csv.toString();
    }

    private static void lines(
            StringBuilder csv, HeadMap.Block block, HeadMap.Round round, int index) {
        for (int head = 0; head < block.heads(); head++) {
            csv.append(round.number())
                    .append(',')
                    .append(quoted(block.name()))
                    .append(',')
                    .append(head)
                    .append(',')
                    .append(round.contributors().get(index).get(head))
                    .append(',')
                    .append(round.cohort())
                    .append(',')
                    .append(round.confidence().get(index).get(head))
                    .append(CRLF);
        }
    }

    private static String quoted(String name) {
        return name.matches("[^\",\r\n]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
}
