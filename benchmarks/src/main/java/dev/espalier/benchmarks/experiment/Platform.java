package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundView;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A federation as whoever submits jobs sees it. */
public interface Platform {

    /** The same key with the same specification is the same job, whatever has become of it. */
    JobView submit(JobSpecification job, String key) throws IOException, InterruptedException;

    JobView job(JobId job) throws IOException, InterruptedException;

    List<JobView> jobs() throws IOException, InterruptedException;

    /** In the order of their numbers. */
    List<RoundView> rounds(JobId job) throws IOException, InterruptedException;

    /** No new round begins; one under way is finished. */
    void pause(JobId job) throws IOException, InterruptedException;

    void resume(JobId job) throws IOException, InterruptedException;

    void cancel(JobId job) throws IOException, InterruptedException;

    /** Empty for a job that prunes no heads. */
    Optional<HeadMap> headMap(JobView job) throws IOException, InterruptedException;

    /** Empty for a job whose clients all train all components. */
    Optional<ComponentMap> componentMap(JobView job) throws IOException, InterruptedException;
}
