package phone

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

//go:embed pages
var pageFiles embed.FS

func readPages() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"fill": func(text, place, value string) string { return lang.Fill(text, place, value) },
	}).ParseFS(pageFiles, "pages/*.html"))
}

// checks is the body of the page of a phone's checks.
type checks struct {
	W                                *lang.PhoneApp
	Base, Path, Key                  string
	Fresh                            bool // scanned just now
	Act                              bool // the reader may have phones: a reader's role is not paged
	Thanks                           bool
	Numbers                          bool
	OnCall                           onCall
	Phones                           []phoneLine
	Script                           string
	Share, Home, Switches, LetItThru string // pictures
}

// phoneLine is one phone of a person.
type phoneLine struct {
	Device, Session, Name, Added, From, Proof string
	Proven, Pushes                            bool
}

// onCall is who is on call now, and the words for taking over.
type onCall struct {
	Title, Take, Cover string
	Groups             []onCallIn
}

// onCallIn is who is on call in a group, and until when.
type onCallIn struct{ Group, People, Until string }

func onCallNow(v *look.Viewer) onCall {
	c, pages := &v.Words.Console, &v.Words.Duty.Pages
	on := onCall{Title: c.OnCall, Take: pages.TakeOver, Cover: pages.CoverTurn}
	for _, group := range v.Rules.Directory.Groups() {
		d, _ := v.Rules.Directory.Duty(group, v.Now)
		line := onCallIn{Group: group, People: pages.Nobody, Until: c.Always}
		names := make([]string, len(d.People))
		for i, key := range d.People {
			names[i] = v.Name(key)
		}
		if len(names) > 0 {
			line.People = strings.Join(names, ", ")
		}
		if !d.Until.IsZero() {
			line.Until = lang.Fill(c.Until, "at", v.At(d.Until))
		}
		on.Groups = append(on.Groups, line)
	}
	return on
}

func (a *App) showChecks(w http.ResponseWriter, r *http.Request, by web.Token) error {
	v := a.viewer(r, by)
	body := checks{
		W: &v.Words.PhoneApp, Base: a.House.Own(""), Path: "/people/" + by.Person, Thanks: r.URL.Query().Get("done") == "confirm",
		Numbers: len(a.numbers()) > 0, Script: a.Frame.Asset("phone.js"),
		Share: a.Frame.Asset("share.svg"), Home: a.Frame.Asset("home.svg"), Switches: a.Frame.Asset("switches.svg"), LetItThru: a.Frame.Asset("moon.svg"),
	}
	body.Act = by.Rank() >= desk.Technician
	body.OnCall = onCallNow(v)
	if by.Person != "" && body.Act {
		var err error
		if body.Key, err = a.key(r.Context()); err != nil {
			return err
		}
		if body.Phones, err = a.phones(r.Context(), by.Person, v); err != nil {
			return err
		}
	}
	if a.Sessions != nil {
		_, body.Fresh = a.Sessions.Mine(r)
	}
	return a.show(w, r, by, body.W.Title, "checks.html", body)
}

// key is what browsers subscribe with; empty: there are no pushes to browsers.
func (a *App) key(ctx context.Context) (string, error) {
	if a.Key == nil {
		return "", nil
	}
	key, err := a.Key(ctx)
	if err != nil {
		return "", fmt.Errorf("phone: the key of pushes: %w", err)
	}
	return key, nil
}

func (a *App) show(w http.ResponseWriter, r *http.Request, by web.Token, title, name string, body any) error {
	var text bytes.Buffer
	if err := a.page.ExecuteTemplate(&text, name, body); err != nil {
		return fmt.Errorf("phone: show %s: %w", name, err)
	}
	return a.Frame.Show(w, r, by, http.StatusOK, title, template.HTML(text.String())) //nolint:gosec,wrapcheck // html/template wrote it
}

// phones lists what is known of a person's phones: devices that take pushes, and
// phones that are signed in and take none yet.
func (a *App) phones(ctx context.Context, person string, v *look.Viewer) ([]phoneLine, error) {
	w := &v.Words.PhoneApp
	devices, err := a.People.Devices(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("phone: devices of %s: %w", person, err)
	}
	known, err := a.known(ctx)
	if err != nil {
		return nil, err
	}
	signed := map[string]Enrolled{}
	if a.Sessions != nil {
		list, err := a.Sessions.Phones(ctx, person)
		if err != nil {
			return nil, fmt.Errorf("phone: phones of %s: %w", person, err)
		}
		for _, e := range list {
			signed[e.ID] = e
		}
	}
	var lines []phoneLine
	for i := range devices {
		d := &devices[i]
		p := known[d.ID]
		if p.Person != person {
			p = proof{} // it was another's
		}
		line := phoneLine{Device: d.ID, Name: cmp.Or(d.Name, v.Words.Console.Platforms[d.Platform], d.Platform), Added: lang.Fill(w.Added, "at", v.At(d.At)), Pushes: true, Proof: w.Unconfirmed}
		if line.Proven = d.Proven(v.Now); line.Proven {
			line.Proof = lang.Fill(w.Shown, "at", v.At(d.ShownAt))
		}
		if !p.Confirmed.IsZero() {
			line.Proof += " · " + lang.Fill(w.Confirmed, "at", v.At(p.Confirmed))
		}
		if e, ok := signed[p.Session]; ok {
			line.Session, line.From, line.Added = e.ID, from(w, e), lang.Fill(w.Added, "at", v.At(e.Added))
			delete(signed, e.ID)
		}
		lines = append(lines, line)
	}
	for _, e := range sorted(signed) {
		lines = append(lines, phoneLine{Session: e.ID, Name: e.Device, Added: lang.Fill(w.Added, "at", v.At(e.Added)), From: from(w, e), Proof: w.NoPush})
	}
	return lines, nil
}

func from(w *lang.PhoneApp, e Enrolled) string {
	if e.Address == "" {
		return ""
	}
	return lang.Fill(w.AddedFrom, "address", e.Address)
}

// confirm notes that a phone was added by the session that says so, or that its
// person confirms that a push came: that is its device's proof, as if it had said so
// itself.
func (a *App) confirm(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	added := r.PostFormValue("added")
	id := cmp.Or(added, r.PostFormValue("device"))
	if err := a.deviceOf(r.Context(), by.Person, id); err != nil {
		return err
	}
	session := ""
	if a.Sessions != nil {
		session, _ = a.Sessions.Mine(r)
	}
	now := records.Instant(a.Engine.Now())
	if added == "" {
		if err := a.People.DeviceShown(r.Context(), by.Person, id, now); err != nil {
			return fmt.Errorf("phone: a push came to device %s: %w", id, err)
		}
	}
	err := a.change(r.Context(), id, func(p *proof) {
		if p.Person != by.Person {
			*p = proof{Person: by.Person, Added: now}
		}
		if session != "" {
			p.Session = session
		}
		if added == "" {
			p.Confirmed = now
		}
	})
	if err != nil {
		return err
	}
	to := "/phone"
	if added == "" {
		to += "?done=confirm"
	}
	a.lead(w, to)
	return nil
}

func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fmt.Errorf("phone: read a form: %w", err)
	}
	return web.Refuse(http.StatusBadRequest, "bad_request", "the form cannot be read")
}

// numbers are those that pages come from, of senders that have one.
func (a *App) numbers() (list []string) {
	if a.Numbers == nil {
		return nil
	}
	for _, n := range a.Numbers() {
		if strings.HasPrefix(n, "+") && strings.Trim(n[1:], "0123456789") == "" {
			list = append(list, n)
		}
	}
	return list
}

// serveCard is a contact with those numbers (vCard 3.0, RFC 2426, which each address
// book reads).
func (a *App) serveCard(w http.ResponseWriter, _ *http.Request, _ web.Token) error {
	list := a.numbers()
	if len(list) == 0 {
		return web.Refuse(http.StatusNotFound, "not_found", "no sender has a number")
	}
	card := "BEGIN:VCARD\r\nVERSION:3.0\r\nN:;Astreinte;;;\r\nFN:Astreinte\r\nUID:astreinte-pager\r\n"
	for _, n := range list {
		card += "TEL;TYPE=CELL,VOICE:" + n + "\r\n"
	}
	card += "REV:" + a.Engine.Now().UTC().Format(time.RFC3339) + "\r\nEND:VCARD\r\n"
	w.Header().Set("Content-Type", "text/vcard; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="astreinte.vcf"`)
	_, _ = w.Write([]byte(card)) // the peer may have gone
	return nil
}
