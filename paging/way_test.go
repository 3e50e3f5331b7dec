package paging

import (
	"testing"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// A page by an unknown channel does not go out by another one. It is dropped,
// and its ticket hears that it failed.
func TestAnUnknownChannelIsNoSMS(t *testing.T) {
	directory, err := contacts.NewDirectory([]contacts.Person{{Key: "alice", Phones: []string{"+33612345601"}}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, channel := range map[string]string{"no channel": "fax", "no name": "", "with a provider all the same": "telex"} {
		texts, telex := &answering{}, &answering{}
		o := NewOutbox(Parts{
			Store: &hasty{}, Actions: &hasty{rules: escalation.Rules{Directory: directory}}, Clock: &escalation.WallClock{},
			Ways: Ways{Channels: map[string][]Provider{WaySMS: {{Name: "texts", Channel: texts}}, "telex": {{Name: "telex", Channel: telex}}}},
		})
		c := anSMS(ticket.Critical, 1)
		c.Page.Channel = channel
		out, event, err := o.attempt(t.Context(), c, zap.NewNop())
		if err != nil || out.State != ticket.PageCancelled || out.Error != string(ticket.WhyUnknown) || out.Entry.Args.Why != ticket.WhyUnknown {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
		if event != (escalation.PageFailed{Key: c.Page.PageKey}) {
			t.Errorf("%s: the ticket hears %v", name, event)
		}
		if texts.asked+telex.asked != 0 {
			t.Errorf("%s: a provider was asked", name)
		}
	}
}

// Each channel has all fields that are needed.
func TestAllWays(t *testing.T) {
	for _, w := range AllWays() {
		if w.Name == "" || w.Text == nil || w.Test == nil || w.Nowhere.Class != DeadAddress || w.Nowhere.Code == "" || w.Crowds && w.Addresses == nil {
			t.Errorf("%+v", w)
		}
	}
}
