package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging"
)

// personLine is one of the list of people.
type personLine struct {
	Key, Name, Role, Proof string
	Proven                 bool
	Numbers, Devices       int
	Gone                   string // how many devices are gone; empty: none
}

func (c *Console) showPeople(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	devices, err := c.people.Devices(r.Context(), "")
	if err != nil {
		return fmt.Errorf("console: devices: %w", err)
	}
	missed, err := c.missed(r.Context(), devices, who.now)
	if err != nil {
		return err
	}
	var lines []personLine
	people := who.rules.Directory.People()
	for i := range people {
		p := &people[i]
		if !who.sees(p.Key) {
			continue
		}
		line := personLine{Key: p.Key, Name: cmp.Or(p.Name, p.Key), Role: who.roleOf(p), Numbers: len(p.Phones)}
		line.Devices = len(ofPerson(devices, p.Key))
		test, err := c.lastTest(r.Context(), p.Key)
		if err != nil {
			return err
		}
		line.Proof, line.Proven = who.proof(test, ofPerson(devices, p.Key))
		line.Gone = who.goneSaid(len(paging.GoneOf(missed, p.Key)))
		lines = append(lines, line)
	}
	f := c.frame(r, who, who.words.Console.People)
	f.On, f.Live, f.Body = "health", true, lines
	return c.show(w, r, http.StatusOK, "people", f)
}

// roleOf is a person's role in words.
func (r *reader) roleOf(p *contacts.Person) string {
	role := cmp.Or(string(p.Role), "technician")
	return cmp.Or(r.words.Console.Roles[role], role)
}

// lastTest is a person's last test page; nil if there was none.
func (c *Console) lastTest(ctx context.Context, person string) (*paging.TestPage, error) {
	if c.tests == nil {
		return nil, nil
	}
	page, err := c.tests.Last(ctx, person)
	switch {
	case errors.Is(err, escalation.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("console: the test page of %s: %w", person, err)
	}
	return &page, nil
}

// arrived is when a message of a test page is known to have arrived; zero: it is
// not known to.
func arrived(test *paging.TestPage) (at time.Time) {
	if test == nil {
		return at
	}
	for i := range test.Tries {
		if try := &test.Tries[i]; try.State == ticket.PageDelivered && latest(try.ReceiptAt, test.At).After(at) {
			at = latest(try.ReceiptAt, test.At)
		}
	}
	return at
}

// ofPerson are a person's devices.
func ofPerson(devices []paging.Device, person string) (theirs []paging.Device) {
	for i := range devices {
		if devices[i].Person == person {
			theirs = append(theirs, devices[i])
		}
	}
	return theirs
}

// proof says when something last arrived at a person, a test page or a push that a
// device showed, and whether that still counts.
func (r *reader) proof(test *paging.TestPage, devices []paging.Device) (said string, proven bool) {
	c := &r.words.Console
	at := arrived(test)
	for i := range devices {
		at = latest(at, devices[i].ShownAt)
	}
	switch {
	case test == nil && at.IsZero():
		return c.NeverTested, false
	case at.IsZero() || r.now.Sub(at) > paging.ProvenFor:
		return c.Unproven, false
	default:
		return lang.Fill(c.ProvenAt, "at", r.viewer().At(at)), true
	}
}

// personPage is the body of one person.
type personPage struct {
	personLine
	Phones   []string
	Email    string
	Language string
	Devices  []deviceLine
	Missed   []goneLine
	Channels []string // by which a test page can be sent; none: it cannot
	Test     *testLine
	Proofs   []proofLine
	Beside   template.HTML
}

// deviceLine is a device, and when it last showed a push.
type deviceLine struct {
	ID, Platform, Name, At string
	Proof                  string
	Proven                 bool
}

// testLine is the last test page.
type testLine struct {
	At, By string
	Tries  []tryLine
}

type tryLine struct{ Channel, Address, State, Class, Error string }

func (c *Console) showPerson(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	p, err := who.known(r.PathValue("name"))
	if err != nil {
		return err
	}
	body := personPage{personLine: personLine{Key: p.Key, Name: cmp.Or(p.Name, p.Key), Role: who.roleOf(&p)}, Phones: p.Phones}
	body.Language = cmp.Or(who.words.Console.Languages[paging.Language(p, who.rules)], paging.Language(p, who.rules))
	devices, err := c.people.Devices(r.Context(), p.Key)
	if err != nil {
		return fmt.Errorf("console: devices of %s: %w", p.Key, err)
	}
	for i := range devices {
		d := &devices[i]
		line := deviceLine{
			ID: d.ID, Platform: cmp.Or(who.words.Console.Platforms[d.Platform], d.Platform), Name: d.Name, At: who.viewer().At(d.At),
			Proof: who.words.Console.Unproven, Proven: d.Proven(who.now),
		}
		if line.Proven {
			line.Proof = lang.Fill(who.words.Console.ProvenAt, "at", who.viewer().At(d.ShownAt))
		}
		body.Devices = append(body.Devices, line)
	}
	if body.Missed, err = c.goneLines(r.Context(), who, p.Key, devices); err != nil {
		return err
	}
	test, err := c.lastTest(r.Context(), p.Key)
	if err != nil {
		return err
	}
	body.Proof, body.Proven = who.proof(test, devices)
	body.Test = who.testLine(test)
	if body.Proofs, err = c.proofs(r.Context(), who, p.Key); err != nil {
		return err
	}
	if c.tests != nil && who.may(technician) {
		body.Channels = who.rules.Channels
	}
	if c.beside != nil {
		if body.Beside, err = c.beside(r, by, p.Key); err != nil {
			return err
		}
	}
	f := c.frame(r, who, body.Name)
	f.On, f.Live, f.Body = "health", true, body
	switch r.URL.Query().Get("done") {
	case "no_way":
		f.Said, f.Bad = f.C.NoWay, true
	case "too_many":
		f.Said, f.Bad = f.C.TooMany, true
	}
	return c.show(w, r, http.StatusOK, "person", f)
}

// known is the person of an address whom the reader may see.
func (r *reader) known(key string) (contacts.Person, error) {
	if !r.sees(key) {
		return contacts.Person{}, web.Refuse(http.StatusForbidden, "forbidden", "another person's page needs a manager's role")
	}
	p, ok := r.rules.Directory.Person(key)
	if !ok {
		return p, fmt.Errorf("console: no such person: %w", escalation.ErrNotFound)
	}
	return p, nil
}

func (r *reader) testLine(test *paging.TestPage) *testLine {
	if test == nil {
		return nil
	}
	line := &testLine{At: r.viewer().At(test.At), By: r.name(test.By)}
	for i := range test.Tries {
		try := &test.Tries[i]
		line.Tries = append(line.Tries, tryLine{try.Channel, try.Address, r.words.Console.PageStates[try.State], pageClass(try.State), try.Error})
	}
	return line
}

// seeToPerson sends a test page, or removes a device.
func (c *Console) seeToPerson(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	who := c.reader(r, by)
	p, err := who.known(r.PathValue("name"))
	if err != nil {
		return err
	}
	var more url.Values
	switch {
	case r.PostFormValue("remove") != "":
		err = c.dropDevice(r.Context(), p.Key, r.PostFormValue("remove"))
	case r.PostForm.Has("test"), r.PostForm.Has("try"):
		more, err = c.test(r.Context(), r.PostFormValue("test"), r.PostFormValue("try"), who, p)
	default:
		err = web.Refuse(http.StatusBadRequest, "bad_request", "the form asks for nothing")
	}
	if err != nil {
		return err
	}
	c.lead(w, "/people/"+url.PathEscape(p.Key), "/people", more)
	return nil
}

// test sends a test page by one channel, or by all; to one device alone where that is
// named.
func (c *Console) test(ctx context.Context, one, device string, who *reader, p contacts.Person) (more url.Values, err error) {
	if c.tests == nil || !who.may(desk.Technician) {
		return nil, web.Refuse(http.StatusNotImplemented, "unsupported", "test pages are not sent now")
	}
	channels := who.rules.Channels
	if one != "" {
		if !slices.Contains(channels, one) {
			return nil, web.Refuse(http.StatusBadRequest, "bad_request", "test: no such channel is configured")
		}
		channels = []string{one}
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	if by := cmp.Or(who.by.Person, who.by.Name); device != "" {
		_, err = c.tests.SendTo(ctx, p, device, by)
	} else {
		_, err = c.tests.Send(ctx, p, channels, by)
	}
	var flood *paging.TooManyTests
	switch {
	case errors.As(err, &flood):
		return url.Values{"done": {"too_many"}}, nil
	case errors.Is(err, paging.ErrNoWay):
		return url.Values{"done": {"no_way"}}, nil
	case err != nil:
		return nil, fmt.Errorf("console: test page to %s: %w", p.Key, err)
	}
	return nil, nil
}
