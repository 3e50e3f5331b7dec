package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TypeCloudWatch is Amazon's CloudWatch by SNS, which posts to an address that
// has confirmed its subscription.
const TypeCloudWatch = "cloudwatch"

func cloudWatch() Tool {
	return Tool{Type: TypeCloudWatch, paths: []path{
		{methods: []string{http.MethodPost}, parse: parseSNS, answers: okAnswers},
	}}
}

// cloudWatchNames are the dimensions that name a thing, and not a kind of it.
var cloudWatchNames = regexp.MustCompile(`(Id|Name|Identifier|Arn|ARN|LoadBalancer)$`)

// parseSNS reads a message of SNS, whatever its Content-Type says, once its
// signature is right. A subscription is written down to be confirmed later:
// nothing is fetched for it here.
func parseSNS(ctx context.Context, data []byte, s *Source, now time.Time, _ func(context.Context, []ticket.Alert) error) (p parsed, err error) {
	body := parsedValue(data)
	if body.to == 0 {
		return p, explain(data)
	}
	m := snsMessage{body.object(snsFields...)}
	kind := m.text("Type")
	switch {
	case kind == "" && body.object("AlarmName").text("AlarmName") != "":
		return p, errors.New("this is an alarm without SNS's envelope, and nobody signed it: turn raw message delivery off in the subscription")
	case kind == "":
		return p, missing("Type: what SNS posts has one")
	}
	if s.out != nil { // else nobody posts: somebody asks what a body would be
		if err := m.verify(ctx, s.out.certificates); err != nil {
			return p, err
		}
	}
	switch kind {
	case "SubscriptionConfirmation":
		return p, m.subscribe(ctx, s)
	case "UnsubscribeConfirmation":
		return p, nil
	case "Notification":
	default:
		return p, fmt.Errorf("SNS's type %q is not understood", ticket.Logged(kind))
	}
	return one(func(value, time.Time) (ticket.Alert, error) { return m.alert() })(ctx, data, s, now, nil)
}

// subscribe has the subscription confirmed.
func (m snsMessage) subscribe(ctx context.Context, s *Source) error {
	link := m.text("SubscribeURL")
	if !snsConfirms(link, m.text("TopicArn")) {
		return errors.New("its SubscribeURL is no address of SNS")
	}
	if s.out == nil || s.out.confirm == nil {
		return nil
	}
	switch err := s.out.confirm(ctx, s.Name, link); {
	case errors.Is(err, ErrManySubscriptions):
		return ErrManySubscriptions
	case err != nil:
		return &notTaken{fmt.Errorf("ingest: confirm a subscription: %w", err)}
	}
	return nil
}

// alert is what a notification says: of an alarm of CloudWatch, or of whatever
// else somebody had sent to the pager's topic.
func (m snsMessage) alert() (a ticket.Alert, err error) {
	inside := m.value("Message").inside()
	o := inside.object("AlarmName", "AlarmArn", "AlarmDescription", "AWSAccountId", "Region", "NewStateValue", "NewStateReason", "StateChangeTime", "Trigger")
	name := o.text("AlarmName")
	if name == "" {
		return m.other()
	}
	arn := firstText(o.text("AlarmArn"), o.text("AWSAccountId")+"/"+snsRegion(m.text("TopicArn"))+"/"+name)
	a.Fingerprint, a.Again = key(arn), ticket.AgainLater
	t := o.object("Trigger", "Namespace", "MetricName", "Dimensions")
	a.Labels = map[string]string{"namespace": t.text("Namespace"), "metric": t.text("MetricName"), "account": o.text("AWSAccountId"), "region": o.text("Region"), "severity": severityError}
	where, sure := "", false
	for _, d := range t.value("Dimensions").elements() {
		is := d.object("name", "value")
		label(&a, is.text("name"), is.text("value"))
		if names := cloudWatchNames.MatchString(is.text("name")); where == "" || names && !sure {
			where, sure = is.text("value"), names
		}
	}
	named(&a, where, name)
	a.Annotations = map[string]string{"summary": o.text("NewStateReason"), "description": o.text("AlarmDescription")}
	at := atOrNone(o.text("StateChangeTime"))
	switch o.text("NewStateValue") {
	case "ALARM":
		a.Status, a.StartsAt = ticket.Firing, at
	case "OK":
		a.Status, a.EndsAt = ticket.Resolved, at
	case "INSUFFICIENT_DATA": // each alarm begins so: it opens nothing, and ends nothing
		a.Status, a.Remark = ticket.Unsaid, &ticket.Remark{Kind: ticket.RemarkNoted, What: "INSUFFICIENT_DATA", Text: o.text("NewStateReason")}
	default:
		return a, missing("NewStateValue of ALARM, OK or INSUFFICIENT_DATA")
	}
	return a, nil
}

// other is a notification that is of no alarm. It has no end.
func (m snsMessage) other() (a ticket.Alert, err error) {
	subject, said := m.text("Subject"), m.text("Message")
	if m.text("MessageId") == "" {
		return a, missing("MessageId")
	}
	a.Fingerprint, a.Status, a.StartsAt = key(m.text("MessageId")), ticket.Firing, atOrNone(m.text("Timestamp"))
	named(&a, "", firstText(subject, ticket.Cut(said, ticket.MaxTitle), "message "+m.text("MessageId")))
	a.Labels["severity"], a.Labels["topic"] = severityWarning, m.text("TopicArn")
	a.Annotations = map[string]string{"description": said}
	return a, nil
}

// snsRegion is the region in a topic's name.
func snsRegion(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 3 {
		return parts[3]
	}
	return ""
}
