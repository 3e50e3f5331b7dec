package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

const platformWeb = "web"

var platforms = []string{"android", "ios", platformWeb}

// deviceBody is a device as lists show it: its token, or the end of its
// subscription's address, is a secret of the push service and only shown in part.
// Service is the host of its push service. Unproven says that it has shown nothing for
// 30 days; only a device with a subscription tells what it showed.
type deviceBody struct {
	ID       string    `json:"id"`
	Name     string    `json:"name,omitempty"`
	Platform string    `json:"platform"`
	Token    string    `json:"token,omitempty"`
	Service  string    `json:"service,omitempty"`
	At       time.Time `json:"at"`
	ShownAt  time.Time `json:"shown_at,omitzero"`
	Unproven bool      `json:"unproven,omitempty"`
}

type deviceRequest struct {
	Token        string               `json:"token"`
	Platform     string               `json:"platform"`
	Name         string               `json:"name"`
	Subscription *subscriptionRequest `json:"subscription"`
	Replaces     string               `json:"replaces"`
}

func deviceOf(d *paging.Device, now time.Time) deviceBody {
	b := deviceBody{ID: d.ID, Name: d.Name, Platform: d.Platform, At: d.At.UTC(), ShownAt: d.ShownAt.UTC(), Unproven: !d.Proven(now)}
	if d.Push == nil {
		b.Token = shortened(d.Token)
		return b
	}
	if u, err := url.Parse(d.Push.Endpoint); err == nil {
		b.Service = u.Host
	}
	return b
}

const maxDeviceToken = ticket.MaxDeviceToken // bytes

// knownPerson finds the person of a path, else answers 404.
func (s *Server) knownPerson(r *http.Request) (string, error) {
	p, err := s.person(r.PathValue("name"))
	if err != nil {
		return "", refusef(http.StatusNotFound, "not_found", "%s", err)
	}
	return p.Key, nil
}

// devicesOf answers 403 to a token that may not see to the person's devices:
// who adds one hears of everything that pages say.
const devicesOf = "the devices of"

func (s *Server) putDevice(w http.ResponseWriter, r *http.Request, by Token) error {
	if err := by.mayBe(r.PathValue("name"), devicesOf); err != nil {
		return err
	}
	person, err := s.knownPerson(r)
	if err != nil {
		return err
	}
	var ask deviceRequest
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	d, err := s.device(&ask)
	if err != nil {
		return err
	}
	d.Person = person
	if d.ID, err = s.replaced(r.Context(), person, &ask); err != nil {
		return err
	}
	if err := s.roomForDevice(r.Context(), &d); err != nil {
		return fmt.Errorf("web: register a device of %s: %w", person, err)
	}
	was := d.ID
	if d, err = s.directory.PutDevice(r.Context(), d); err != nil {
		return fmt.Errorf("web: register a device of %s: %w", person, err)
	}
	if was != "" && was != d.ID { // the new subscription was known already
		if err := s.directory.DropDevice(r.Context(), person, was); err != nil && !errors.Is(err, escalation.ErrNotFound) {
			return fmt.Errorf("web: drop what a device of %s replaces: %w", person, err)
		}
	}
	return writeJSON(w, http.StatusCreated, map[string]string{"id": d.ID})
}

// replaced is the id of the person's device that goes on with the subscription of a
// request: a browser's push service ended the one that it had. Empty: there is none, or
// it is gone.
func (s *Server) replaced(ctx context.Context, person string, ask *deviceRequest) (id string, err error) {
	if ask.Replaces == "" || ask.Subscription == nil {
		return "", nil
	}
	devices, err := s.directory.Devices(ctx, person)
	if err != nil {
		return "", fmt.Errorf("web: devices of %s: %w", person, err)
	}
	for i := range devices {
		if devices[i].ID == ask.Replaces && devices[i].Push != nil {
			return devices[i].ID, nil
		}
	}
	return "", nil
}

// roomForDevice removes the devices that were registered longest ago where a
// person has as many as there may be: each page goes to all of them at once.
func (s *Server) roomForDevice(ctx context.Context, put *paging.Device) error {
	person := put.Person
	devices, err := s.directory.Devices(ctx, person)
	if err != nil || slices.ContainsFunc(devices, func(d paging.Device) bool { return put.Same(d) || d.ID == put.ID }) {
		return err
	}
	for _, d := range devices[:max(len(devices)-ticket.MaxDevices+1, 0)] {
		s.log.Warn("a person has too many devices: the one that was registered longest ago is forgotten",
			zap.String("person", person), zap.String("device", d.ID))
		if err := s.directory.DropDevice(ctx, person, d.ID); err != nil && !errors.Is(err, escalation.ErrNotFound) {
			return err
		}
	}
	return nil
}

func (s *Server) listDevices(w http.ResponseWriter, r *http.Request, by Token) error {
	if err := by.mayBe(r.PathValue("name"), devicesOf); err != nil {
		return err
	}
	person, err := s.knownPerson(r)
	if err != nil {
		return err
	}
	devices, err := s.directory.Devices(r.Context(), person)
	if err != nil {
		return fmt.Errorf("web: devices of %s: %w", person, err)
	}
	list := make([]deviceBody, len(devices))
	for i := range devices {
		list[i] = deviceOf(&devices[i], s.engine.Now())
	}
	gone, err := s.goneOf(r.Context(), person, devices)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, devicesBody{Devices: list, Gone: gone})
}

// devicesBody are a person's devices, and those that their push service says are
// gone.
type devicesBody struct {
	Devices []deviceBody        `json:"devices"`
	Gone    []paging.GoneDevice `json:"gone"`
}

func (s *Server) goneOf(ctx context.Context, person string, devices []paging.Device) ([]paging.GoneDevice, error) {
	if s.gone == nil {
		return []paging.GoneDevice{}, nil
	}
	missed, err := s.gone.Missed(ctx, devices, s.engine.Now())
	return append([]paging.GoneDevice{}, paging.GoneOf(missed, person)...), err
}

// shortened is enough of a secret to tell it from others.
func shortened(token string) string {
	if len(token) < 24 {
		return "…"
	}
	return token[:4] + "…" + token[len(token)-4:]
}

// dropDevice works for somebody who is no longer configured, and for a device that is
// gone, too.
func (s *Server) dropDevice(w http.ResponseWriter, r *http.Request, by Token) error {
	person, id := r.PathValue("name"), r.PathValue("id")
	if err := by.mayBe(person, devicesOf); err != nil {
		return err
	}
	err := s.directory.DropDevice(r.Context(), person, id)
	if errors.Is(err, escalation.ErrNotFound) && s.gone != nil { // it is gone: that is told no more
		err = s.gone.Hide(r.Context(), person, id)
	}
	if err != nil {
		return fmt.Errorf("web: drop a device of %s: %w", person, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// dutyBody is one group's line of who is on call. People and Next can be
// nobody, and are never null.
type dutyBody struct {
	Group  string           `json:"group"`
	People []string         `json:"people"`
	Why    []assignmentBody `json:"why"` // of each of People
	Since  time.Time        `json:"since,omitzero"`
	Until  time.Time        `json:"until,omitzero"`
	Next   []string         `json:"next"`

	Tier     string        `json:"tier,omitempty"`
	Calendar *calendarBody `json:"calendar,omitempty"`
}

// whyOn is why each of those is on call in a group who are at a time.
func whyOn(d *contacts.Directory, group string, at time.Time) []assignmentBody {
	for _, span := range d.Schedule(group, at, at.Add(1)) {
		return assignmentBodies(d, group, at, span.People)
	}
	return []assignmentBody{}
}

func (s *Server) onCall(w http.ResponseWriter, r *http.Request, _ Token) error {
	at, err := parseTime("at", r.URL.Query().Get("at"))
	if err != nil {
		return err
	}
	if at.IsZero() {
		at = s.engine.Now()
	}
	directory := s.engine.Rules().Directory
	duties, calendars := []dutyBody{}, calendarsOf(s.calendars)
	for _, group := range directory.Groups() {
		duty, _ := directory.Duty(group, at)
		g, _ := directory.Group(group)
		duties = append(duties, dutyBody{
			Group: group, People: append([]string{}, duty.People...), Since: duty.Since.UTC(),
			Until: duty.Until.UTC(), Next: append([]string{}, duty.Next...),
			Tier: g.Tier, Calendar: calendars[group], Why: whyOn(directory, group, at),
		})
	}
	return writeJSON(w, http.StatusOK, duties)
}
