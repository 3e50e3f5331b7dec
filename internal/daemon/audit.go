package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/feed"
	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/silence"
	"github.com/astreinte/astreinte/paging"
)

// What the audit log is about.
const (
	aboutDuty    = "duty"
	aboutDevice  = "device"
	aboutSession = "session"
	aboutSetting = "setting"
	aboutContact = "contact" // of a customer; those are in the archive
)

// The kinds of records that say what the configuration said last, so that the next
// reading is known to change it, and from what.
const (
	kindGroup  = "configured group"
	kindPerson = "configured person"
)

// audited are the kinds whose changes are written down.
var audited = audit.Kinds{
	duty.KindReplacement: {
		About: aboutDuty, Of: "group", By: []string{"ended", "by"},
		Fields: []string{"id", "kind", "person", "instead_of", "from", "to", "with", "theirs", "note", "state"},
	},
	kindGroup:            {About: aboutDuty, Fields: []string{"people", "layers"}},
	kindPerson:           {About: aboutSetting, Fields: []string{"role", "phones", "email"}},
	"session":            {About: aboutSession, Of: "person", By: []string{"person"}, Fields: []string{"how", "device", "address", "phone"}},
	"sign-in invitation": {About: aboutSession, Of: "person", By: []string{"by"}, Fields: []string{"phone", "expires"}},
	"sign-in account":    {About: aboutSession, Fields: []string{"changed"}},
	"sign-in passkey":    {About: aboutSession, Of: "person", By: []string{"person"}, Fields: []string{"name"}},
	"wall":               {About: aboutSetting, By: []string{"by"}, Fields: []string{"at"}},
	silence.Kind: {
		About: aboutSetting, Of: "customer", By: []string{"ended_by", "by"},
		Fields: []string{"id", "source", "matchers", "from", "until", "every", "why", "author", "ended"},
		Which:  []string{"id", "source", "matchers", "until", "every"},
	},
	heartbeat.Kind: {
		About: aboutSetting, By: []string{"by"}, Fields: []string{"name", "every", "grace", "runs_for", "labels"},
	},
	feed.Kind:           {About: aboutSetting, Of: "person", By: []string{"by"}, Fields: []string{"id", "group"}},
	"device":            {About: aboutDevice, Of: "person", Fields: []string{"name", "platform"}},
	"push subscription": {About: aboutDevice, Of: "person", Fields: []string{"name", "platform"}},
}

// phonebook is the store's Phonebook, where changes of devices are written down.
type phonebook struct {
	paging.Phonebook
	book paging.DeviceBook
}

// PutDevice implements paging.Phonebook.
func (p *phonebook) PutDevice(ctx context.Context, d paging.Device) (paging.Device, error) {
	return p.book.PutDevice(ctx, d) //nolint:wrapcheck // it names itself
}

// DropDevice implements paging.Phonebook.
func (p *phonebook) DropDevice(ctx context.Context, person, id string) error {
	return p.book.DropDevice(ctx, person, id) //nolint:wrapcheck // it names itself
}

// buildAudit stands before the records of everything that is audited.
func (d *Daemon) buildAudit() {
	d.auditing = audit.Over(d.store.Records(), audited, func() time.Time { return d.clock.Now() })
	d.records = d.auditing
	d.buildCounting()
	d.saidAnew = make(chan struct{}, 1)
	d.saidAnew <- struct{}{}
}

// groupLine is what is told of a configured group.
type groupLine struct {
	People []string    `json:"people,omitempty"`
	Layers []layerLine `json:"layers,omitempty"`
}

type layerLine struct {
	Name     string     `json:"name,omitempty"`
	People   [][]string `json:"people"`
	Every    string     `json:"every"`
	Handover string     `json:"handover"`
	First    string     `json:"first"`
	Until    string     `json:"until,omitempty"`
	Zone     string     `json:"zone"`
	During   string     `json:"during,omitempty"`
	Outside  string     `json:"outside,omitempty"`
	Instead  bool       `json:"instead,omitempty"`
}

// personLine is what is told of a configured person.
type personLine struct {
	Role   contacts.Role `json:"role,omitempty"`
	Phones []string      `json:"phones,omitempty"`
	Email  string        `json:"email,omitempty"`
}

func linesOfGroups(d *contacts.Directory) map[string]any {
	lines := map[string]any{}
	for _, key := range d.Groups() {
		g, _ := d.Group(key)
		line := groupLine{People: g.People}
		for i := range g.Rotations {
			line.Layers = append(line.Layers, lineOfLayer(&g.Rotations[i]))
		}
		lines[key] = line
	}
	return lines
}

func lineOfLayer(r *contacts.Rotation) layerLine {
	line := layerLine{
		Name: r.Name, People: r.People, Every: r.Every.String(), First: r.First.String(), Instead: r.Instead,
		Handover: fmt.Sprintf("%s %02d:%02d", r.Handover.Day, r.Handover.Hour, r.Handover.Minute),
	}
	if r.Monthly {
		line.Every, line.Handover = "month", fmt.Sprintf("%d %02d:%02d", r.Handover.MonthDay, r.Handover.Hour, r.Handover.Minute)
	}
	if r.Until.Valid() {
		line.Until = r.Until.String()
	}
	if r.Location != nil {
		line.Zone = r.Location.String()
	}
	for calendar, into := range map[*calendar.Calendar]*string{r.During: &line.During, r.Outside: &line.Outside} {
		if calendar != nil {
			*into = calendar.Name()
		}
	}
	return line
}

func linesOfPeople(d *contacts.Directory) map[string]any {
	lines := map[string]any{}
	for _, p := range d.People() {
		lines[p.Key] = personLine{Role: p.Role, Phones: p.Phones, Email: p.Email}
	}
	return lines
}

// keepSaid writes down what the configuration says of people and groups, at the start
// and after each reload: the audit log tells what that changed.
func (d *Daemon) keepSaid(ctx context.Context) {
	d.untilTimed(ctx)
	for {
		select {
		case <-d.saidAnew:
		case <-ctx.Done():
			return
		}
		for d.writeSaid(ctx) != nil && pause(ctx, saidNap) {
		}
	}
}

// saidNap is how long to wait before a store that refused is asked again.
const saidNap = 10 * time.Second

func (d *Daemon) writeSaid(ctx context.Context) error {
	d.mu.Lock()
	directory := d.config.Rules.Directory
	d.mu.Unlock()
	ctx, cancel := context.WithTimeout(audit.By(ctx, "configuration", ""), dutyTimeout)
	defer cancel()
	return errors.Join(d.writeLines(ctx, kindGroup, linesOfGroups(directory)), d.writeLines(ctx, kindPerson, linesOfPeople(directory)), d.writeRosters(ctx))
}

// writeLines has the records of a kind say what lines say.
func (d *Daemon) writeLines(ctx context.Context, kind string, lines map[string]any) error {
	shelf := records.Shelf[json.RawMessage]{Store: d.records, Home: records.House, Kind: kind}
	items, err := shelf.List(ctx)
	if err != nil {
		return fmt.Errorf("daemon: what %s said: %w", kind, err)
	}
	known := map[string]records.Item[json.RawMessage]{}
	var writes []records.Write
	for _, item := range items {
		known[item.Key] = item
		if _, stays := lines[item.Key]; !stays {
			writes = append(writes, shelf.Remove(item.Key, item.Revision))
		}
	}
	for key, line := range lines {
		value, err := json.Marshal(line)
		if err != nil {
			return fmt.Errorf("daemon: %w", err)
		}
		was := known[key] // the zero one: it is new
		if bytes.Equal(was.Of, value) {
			continue
		}
		write, err := shelf.Put(key, was.Revision, value)
		if err != nil {
			return fmt.Errorf("daemon: %w", err)
		}
		writes = append(writes, write)
	}
	for part := range slices.Chunk(writes, saidAtOnce) {
		_, err := d.records.Write(ctx, records.House, part...)
		if err != nil && !errors.Is(err, records.ErrConflict) { // another daemon says the same
			return fmt.Errorf("daemon: write what %s said: %w", kind, err)
		}
	}
	return nil
}

// saidAtOnce bounds one commit.
const saidAtOnce = 50
