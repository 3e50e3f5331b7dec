package console

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// changePage is the body of the form that changes who is on call: first it shows what
// that does, then it saves it.
type changePage struct {
	Form    changeForm
	Groups  []option
	People  []option
	Places  []option // in whose place
	Withs   []option
	Kinds   []option
	Shown   *preview // nil: the form is not filled in
	Refused string   // why it was not saved
	Own     bool     // the reader changes the own duty alone
}

// option is one of a list.
type option struct {
	Value, Name string
	Chosen      bool
}

// changeForm is what the form holds, as a browser sends it. Times are of the desk's
// zone, or RFC 3339; From is empty from now on.
type changeForm struct {
	Kind, Group, Person, InsteadOf string
	From, To                       string
	With, TheirFrom, TheirTo       string
	Note                           string
	Once                           string // names the form: sent twice it saves once
}

// showChange shows the form, and what it would do once it is filled in.
func (c *Console) showChange(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	query := r.URL.Query()
	form := formOf(query)
	form.Once = rand.Text()
	if query.Get("days") != "" {
		who.fillIn(&form, query.Get("days"), query.Get("last"))
	}
	return c.showForm(w, r, who, http.StatusOK, form, "")
}

func formOf(values url.Values) changeForm {
	get := func(name string) string { return strings.TrimSpace(strings.ToValidUTF8(values.Get(name), "\uFFFD")) }
	return changeForm{
		Kind: get("kind"), Group: get("group"), Person: get("person"), InsteadOf: get("instead_of"), From: get("from"), To: get("to"),
		With: get("with"), TheirFrom: get("their_from"), TheirTo: get("their_to"), Note: ticket.Cut(get("note"), ticket.MaxNote), Once: get("once"),
	}
}

// fillIn fills in what somebody dragged over: whole days, in the place of whoever
// alone has turns in them.
func (r *reader) fillIn(f *changeForm, first, last string) {
	from, err := time.ParseInLocation(time.DateOnly, first, r.rules.Location)
	to, err2 := time.ParseInLocation(time.DateOnly, last, r.rules.Location)
	if err != nil || err2 != nil {
		return
	}
	if to.Before(from) {
		from, to = to, from
	}
	to = to.AddDate(0, 0, 1)
	if to.Sub(from) > 62*24*time.Hour || !r.now.Before(to) {
		return
	}
	if r.now.Before(from) {
		f.From = from.Format(localTime)
	}
	f.To = to.Format(localTime)
	on := map[string]bool{}
	for _, t := range turnsOf(r.rules.Directory.Schedule(f.Group, from, to)) {
		on[t.person] = true
	}
	me := r.by.Person
	for person := range on {
		if len(on) == 1 && person != me {
			f.InsteadOf = person
		}
	}
	if !on[me] && !r.may(desk.Manager) {
		f.Person = me
	}
	if on[me] && len(on) == 1 && !r.may(desk.Manager) {
		f.InsteadOf = me
	}
}

// localTime is how a browser writes the time of a field.
const localTime = "2006-01-02T15:04"

// at reads a field's time; false if it is none. Empty is zero.
func (r *reader) at(text string) (at time.Time, ok bool) {
	if text == "" {
		return at, true
	}
	for _, layout := range []string{localTime, "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, r.rules.Location); err == nil {
			return at, true
		}
	}
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil
}

// field is a time as a browser's field wants it.
func (r *reader) field(text string) string {
	at, ok := r.at(text)
	if !ok || at.IsZero() {
		return ""
	}
	return at.In(r.rules.Location).Format(localTime)
}

// proposal is what the form asks for; wrong is the field that cannot be read.
func (r *reader) proposal(f *changeForm) (one duty.Replacement, wrong string) {
	one = duty.Replacement{Kind: duty.Kind(f.Kind), Group: f.Group, Person: f.Person, Note: f.Note}
	if f.Kind == "" {
		one.Kind = duty.Cover
	}
	if one.Kind == duty.Cover {
		one.InsteadOf = f.InsteadOf
	}
	times := []struct {
		name, text string
		into       *time.Time
	}{{"from", f.From, &one.From}, {"to", f.To, &one.To}}
	if one.Kind == duty.Swap {
		one.With = f.With
		times = append(times, struct {
			name, text string
			into       *time.Time
		}{"their_from", f.TheirFrom, &one.Theirs.From}, struct {
			name, text string
			into       *time.Time
		}{"their_to", f.TheirTo, &one.Theirs.To})
	}
	for _, t := range times {
		at, ok := r.at(t.text)
		if !ok {
			return one, t.name
		}
		*t.into = at
	}
	return one, ""
}

func (c *Console) showForm(w http.ResponseWriter, r *http.Request, who *reader, status int, form changeForm, refused string) error {
	words := &who.words.Duty.Pages
	body := changePage{Form: form, Refused: refused, Own: !who.may(desk.Manager)}
	if form.Group != "" && form.Person != "" && form.To != "" {
		one, field := who.proposal(&form)
		shown := preview{Wrong: words.Wrong[field]}
		if field == "" {
			var err error
			if shown, err = c.previewed(r.Context(), who, one); err != nil {
				return err
			}
		}
		body.Shown = &shown
	}
	body.Form.From, body.Form.To = who.field(form.From), who.field(form.To)
	body.Form.TheirFrom, body.Form.TheirTo = who.field(form.TheirFrom), who.field(form.TheirTo)
	for _, group := range who.rules.Directory.Groups() {
		body.Groups = append(body.Groups, option{group, group, group == form.Group})
	}
	for _, kind := range []duty.Kind{duty.Cover, duty.Besides, duty.Swap} {
		body.Kinds = append(body.Kinds, option{string(kind), words.Kinds[string(kind)], string(kind) == form.Kind})
	}
	people := who.rules.Directory.People()
	body.People, body.Withs = choices(people, form.Person), choices(people, form.With)
	body.Places = append([]option{{"", words.Everybody, form.InsteadOf == ""}}, choices(people, form.InsteadOf)...)
	f := c.frame(r, who, words.Change)
	f.Body = body
	return c.show(w, r, status, "change", f)
}

func choices(people []contacts.Person, chosen string) (list []option) {
	for i := range people {
		name := people[i].Name
		if name == "" {
			name = people[i].Key
		}
		list = append(list, option{people[i].Key, name, people[i].Key == chosen})
	}
	return list
}

// change saves what the form asks for. What is refused shows the form again.
func (c *Console) change(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	who := c.reader(r, by)
	form := formOf(r.PostForm)
	words := &who.words.Duty.Pages
	one, field := who.proposal(&form)
	if field != "" || c.shifts == nil {
		why := words.Busy
		if field != "" {
			why = words.Wrong[field]
		}
		return c.showForm(w, r, who, http.StatusUnprocessableEntity, form, why)
	}
	ctx, cancel := lasting(r.Context())
	defer cancel()
	c.house.Acted(ctx, by)
	if form.Once != "" {
		one.ID = duty.Named("form " + by.OnDuty().Name + " " + ticket.Cut(form.Once, ticket.MaxOnce))
	}
	made, err := c.shifts.Replace(ctx, one, by.OnDuty(), r.PostFormValue("replace") != "")
	if err != nil {
		why, err := who.wrong(err)
		if err != nil {
			return err
		}
		return c.showForm(w, r, who, http.StatusConflict, form, words.Refused+" "+why)
	}
	done := "made"
	if made.State == duty.Offered {
		done = "offered"
	}
	c.forget()
	c.lead(w, "/oncall", "/oncall", url.Values{"done": {done}, "month": {made.From.In(who.rules.Location).Format("2006-01")}})
	return nil
}
