package dev.espalier.orchestrator.job;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerClient.ScheduleOptions;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceException;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import dev.espalier.orchestrator.signal.JobAlarm;
import dev.espalier.protocol.JobId;
import java.time.Duration;
import java.time.InstantSource;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Who takes the steps: one durable task for each job, so that of several replicas one works on it,
 * and another goes on when that one dies. A sweep gives a task to every job that has none.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty(name = "db-scheduler.enabled", matchIfMissing = true)
class JobSchedule {

    static final TaskDescriptor<Void> STEP = TaskDescriptor.of("job-step");
    private static final String SWEEP = "job-sweep";

    @Bean
    Task<Void> jobStep(
            JobRunner runner, MissedCalls missed, JobProperties properties, InstantSource clock) {
        return Tasks.custom(STEP)
                .onFailure(new FailureHandler.OnFailureRetryLater<>(properties.stepEvery()))
                .onDeadExecutionRevive()
                .execute((instance, context) -> {
                    JobId job = JobId.parse(instance.getId());
                    Pace pace = runner.run(job);
                    return next(missed.take(job) ? Pace.AT_ONCE : pace, properties, clock);
                });
    }

    @Bean
    Task<Void> jobSweep(JobStore jobs, JobProperties properties, InstantSource clock) {
        return Tasks.recurring(SWEEP, FixedDelay.of(properties.sweepEvery()))
                .execute((instance, context) -> {
                    SchedulerClient client = context.getSchedulerClient();
                    for (JobId job : jobs.open()) {
                        client.scheduleIfNotExists(
                                STEP.instance(job.toString()).scheduledTo(clock.instant()));
                    }
                });
    }

    @Bean
    JobAlarm jobAlarm(SchedulerClient client, MissedCalls missed, InstantSource clock) {
        return job -> {
            try {
                client.schedule(
                        STEP.instance(job.toString()).scheduledTo(clock.instant()),
                        ScheduleOptions.WHEN_EXISTS_RESCHEDULE);
            } catch (TaskInstanceException takingAStep) {
                missed.note(job);
            }
        };
    }

    private static CompletionHandler<Void> next(
            Pace pace, JobProperties properties, InstantSource clock) {
        return switch (pace) {
            case NEVER -> new CompletionHandler.OnCompleteRemove<>();
            case AT_ONCE -> again(Duration.ZERO, clock);
            case LATER -> again(properties.stepEvery(), clock);
        };
    }

    private static CompletionHandler<Void> again(Duration wait, InstantSource clock) {
        return (complete, operations) ->
                operations.reschedule(complete, clock.instant().plus(wait));
    }
}
