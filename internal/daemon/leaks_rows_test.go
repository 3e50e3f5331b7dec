package daemon

import "github.com/astreinte/astreinte/internal/desk"

// leak is what a route has to do with customers.
type leak struct {
	// shows says that it shows a thing of a customer to whoever sees that customer.
	shows bool
	// thing is what the path names: "ticket", "silence", "heartbeat". Empty: nothing of a
	// customer's.
	thing string
	// asks are what is sent: for a GET queries, else bodies. Places in braces are filled
	// with what is the other customer's.
	asks []string
}

// nothing is a route that knows of no customer.
var nothing = leak{}

// leaks has a row for each route of the daemon. Whoever adds a route says here what it
// shows of customers: TestNoLeak asks it as each role of each customer.
var leaks = map[string]leak{
	"GET /api/v1/tickets": {shows: true, asks: []string{
		"", "customer={customer}", "q={marker}", "q={number}", "contact={contact}", "gti=none", "state=open", "urgency=critical&limit=1", "assignee=edith", "since=2020-01-01T00:00:00Z&limit=1000",
	}},
	"POST /api/v1/tickets":                   {asks: []string{`{"title": "x", "customer": "{customer}"}`, `{"title": "x"}`, `{"title": "x", "contact": "{contact}"}`}},
	"GET /api/v1/tickets/{number}":           {shows: true, thing: "ticket"},
	"GET /api/v1/tickets/{number}/proposal":  {thing: "ticket"},
	"GET /api/v1/tickets/{number}/recheck":   {thing: "ticket"},
	"POST /api/v1/tickets/{number}/recheck":  {thing: "ticket", asks: []string{"", `{"text": "x"}`}},
	"POST /api/v1/tickets/{number}/{action}": {thing: "ticket", asks: []string{"", `{"text": "x"}`, `{"person": "{me}", "text": "x"}`, `{"group": "managers"}`, `{"person": "{me}", "as": "with"}`}},
	"POST /api/v1/tickets/{number}/resolve":  {thing: "ticket", asks: []string{"", `{"synthesis": "x", "restored": "y"}`}},
	"GET /api/v1/lookahead":                  nothing, // of customers it names those that are seen: TestWhatIsDoubtfulByCustomer
	"GET /api/v1/events":                     nothing, // TestEventsOfOthersSayNothing

	"GET /now":               {shows: true, asks: []string{"", "done=acknowledge&about={number}"}},
	"GET /{$}":               {shows: true},
	"GET /tickets":           {shows: true, asks: []string{"", "customer={customer}", "q={marker}", "done=note&about={number}"}},
	"POST /tickets":          {asks: []string{"ticket={number}+{seal}"}},
	"GET /tickets/{number}":  {shows: true, thing: "ticket", asks: []string{"", "sure=resolve", "done=take"}},
	"POST /tickets/{number}": {thing: "ticket", asks: verbForms()},

	"GET /api/v1/tickets/{number}/clock": {thing: "ticket"},
	"GET /tickets/{number}/clock":        {thing: "ticket"},
	"PATCH /api/v1/tickets/{number}":     {thing: "ticket", asks: []string{`{"title": "x"}`, `{"customer": "{customer}"}`, `{"contact": "{contact}"}`}},
	"GET /tickets/{number}/edit":         {shows: true, thing: "ticket"},
	"POST /tickets/{number}/edit":        {thing: "ticket", asks: []string{"title=x", "title=x&was.title=y&tag=*"}},
	"GET /open":                          {asks: []string{"", "customer={customer}", "phone=%2B33240112233&name=x"}},
	"GET /open/beside":                   {asks: []string{"customer={customer}", "contact.phone=%2B33240112233", "customer={customer}&contact.phone=%2B33240112233"}},
	"POST /open":                         {asks: []string{"title=x&customer={customer}", "title=x"}},

	"POST /api/v1/tickets/{number}/tasks":               {thing: "ticket", asks: []string{`{"kind": "call", "text": "x", "minutes": 5}`}},
	"PATCH /api/v1/tickets/{number}/tasks/{id}":         {thing: "ticket", asks: []string{`{"text": "x"}`}},
	"POST /api/v1/tickets/{number}/interventions":       {thing: "ticket", asks: []string{`{"from": "2026-12-01T08:00:00Z", "until": "2026-12-01T09:00:00Z"}`}},
	"PATCH /api/v1/tickets/{number}/interventions/{id}": {thing: "ticket", asks: []string{`{"state": "done"}`}},
	"POST /api/v1/tickets/{number}/links":               {thing: "ticket", asks: []string{`{"kind": "see", "number": "{number}"}`}},
	"DELETE /api/v1/tickets/{number}/links":             {thing: "ticket"},
	"POST /tickets/{number}/tasks":                      {thing: "ticket", asks: []string{"kind=call&text=x&minutes=5"}},
	"POST /tickets/{number}/interventions":              {thing: "ticket", asks: []string{"from=2026-12-01T08:00&until=2026-12-01T09:00"}},
	"POST /tickets/{number}/interventions/{id}":         {thing: "ticket", asks: []string{"state=done"}},
	"POST /tickets/{number}/links":                      {thing: "ticket", asks: []string{"kind=see&number={number}"}},

	"GET /api/v1/tickets/{number}/attachments":         {thing: "ticket"},
	"PATCH /api/v1/tickets/{number}/checklist":         {thing: "ticket", asks: []string{`{"point": "1", "done": true}`}},
	"POST /api/v1/tickets/{number}/meeting":            {thing: "ticket", asks: []string{"", `{"url": "https://meet.example.net/x"}`}},
	"POST /tickets/{number}/meeting":                   {thing: "ticket", asks: []string{"url=https%3A%2F%2Fmeet.example.net%2Fx"}},
	"POST /tickets/{number}/checklist":                 {thing: "ticket", asks: []string{"done=1"}},
	"POST /api/v1/tickets/{number}/attachments":        {thing: "ticket"},
	"GET /api/v1/tickets/{number}/attachments/{id}":    {thing: "ticket"},
	"DELETE /api/v1/tickets/{number}/attachments/{id}": {thing: "ticket"},
	"POST /tickets/{number}/attachments":               {thing: "ticket"},
	"GET /tickets/{number}/attachments/{id}":           {thing: "ticket"},
	"POST /tickets/{number}/attachments/{id}":          {thing: "ticket"},

	"GET /api/v1/planning": {shows: true, asks: []string{"", "person=edith", "from=2026-11-01T00:00:00Z&until=2027-06-01T00:00:00Z"}},
	"GET /planning":        {shows: true, asks: []string{"", "person=edith"}},

	"GET /api/v1/silences": {shows: true, asks: []string{"", "state=active"}},
	"POST /api/v1/silences": {asks: []string{
		`{"matchers": ["alertname=HostDown"], "for": "1h", "why": "x", "customer": "{customer}"}`, `{"matchers": ["alertname=HostDown"], "for": "1h", "why": "x"}`,
	}},
	"GET /api/v1/silences/{id}":    {shows: true, thing: "silence"},
	"DELETE /api/v1/silences/{id}": {thing: "silence"},
	"GET /silences":                {shows: true, asks: []string{"", "customer={customer}"}},
	"POST /silences":               {asks: []string{"end={silence}", "customer={customer}&matchers=alertname%3DHostDown&for=1h&why=x"}},

	"GET /api/v1/heartbeats":           {shows: true, asks: []string{"", "state=new"}},
	"POST /api/v1/heartbeats":          {asks: []string{`{"name": "x", "every": "1d", "labels": {"customer": "{customer}"}}`, `{"name": "x", "every": "1d"}`}},
	"GET /api/v1/heartbeats/{name}":    {shows: true, thing: "heartbeat"},
	"DELETE /api/v1/heartbeats/{name}": {thing: "heartbeat"},
	"GET /heartbeats":                  {shows: true},
	"POST /heartbeats":                 {asks: []string{"end={heartbeat}", "name=x&every=1d&customer={customer}"}},

	"GET /api/v1/contacts":         {shows: true, asks: []string{"", "customer={customer}", "q={marker}", "phone=0240112233", "email={marker}@example.net", "ended=true&limit=1000"}},
	"POST /api/v1/contacts":        {asks: []string{`{"name": "x", "customer": "{customer}"}`, `{"name": "x", "customer": "{customer}", "emails": ["{marker}@example.net"]}`, `{"name": "x"}`}},
	"GET /api/v1/contacts/{id}":    {shows: true, thing: "contact"},
	"PATCH /api/v1/contacts/{id}":  {thing: "contact", asks: []string{`{"name": "x"}`, `{"ended": true}`, `{"customer": "{customer}"}`}},
	"DELETE /api/v1/contacts/{id}": {thing: "contact"},
	"GET /api/v1/customers/{name}": {shows: true, thing: "customer"},
	"GET /customers":               nothing, // TestCustomersWhomOneSees
	"GET /customers/{name}":        {shows: true, thing: "customer"},
	"GET /contacts":                {shows: true, asks: []string{"", "customer={customer}", "q={marker}"}},
	"GET /contacts.csv":            {shows: true, asks: []string{"", "customer={customer}", "q={marker}"}},
	"POST /contacts":               {asks: []string{"name=x&customer={customer}", "name=x"}},
	"GET /contacts/{id}":           {shows: true, thing: "contact"},
	"POST /contacts/{id}":          {thing: "contact", asks: []string{"name=x&revision=1", "action=end", "action=anonymise"}},

	// One's own, and what is no customer's: who is on call, people, devices, test pages.
	"GET /api/v1/filters": nothing, "POST /api/v1/filters": nothing, "DELETE /api/v1/filters": nothing, "POST /filters": nothing,
	"GET /api/v1/oncall": nothing, "GET /api/v1/groups": nothing, "GET /api/v1/groups/{group}": nothing, "GET /oncall": nothing,
	"GET /oncall/change": nothing, "POST /oncall/change": nothing, "POST /oncall/replacements/{id}": nothing,
	"GET /api/v1/replacements": nothing, "POST /api/v1/replacements": nothing, "POST /api/v1/replacements/{id}/{answer}": nothing, "DELETE /api/v1/replacements/{id}": nothing,
	"GET /api/v1/drills/{id}": nothing, "POST /api/v1/drills": nothing, "GET /drills/{id}": nothing, "POST /drills": nothing,
	"GET /api/v1/duty-report": nothing, "GET /duty-report": nothing, "GET /duty-report/{name}/{month}": nothing,
	"GET /people": nothing, "GET /people/{name}": nothing, "POST /people/{name}": nothing,
	"GET /api/v1/people/{name}/devices": nothing, "POST /api/v1/people/{name}/devices": nothing, "DELETE /api/v1/people/{name}/devices/{id}": nothing,
	"GET /api/v1/people/{name}/test": nothing, "POST /api/v1/people/{name}/test": nothing, "GET /api/v1/people/{name}/proofs": nothing,
	"GET /api/v1/people/{name}/feeds": nothing, "POST /api/v1/people/{name}/feeds": nothing, "DELETE /api/v1/people/{name}/feeds": nothing,
	"GET /people/{name}/feeds": nothing, "POST /people/{name}/feeds": nothing, "GET /calendar/{token}": nothing,
	"GET /phone": nothing, "POST /phone": nothing, "GET /phone/pager.vcf": nothing, "GET /phone/offline": nothing, "GET /people/{name}/phone": nothing, "POST /people/{name}/phone": nothing,
	"GET /api/v1/push": nothing, "POST /push/shown/{token}": nothing, "GET /sw.js": nothing, "GET /manifest.webmanifest": nothing, "GET /icons/{name}": nothing,
	"GET /api/v1/rooms":        nothing,
	"GET /api/v1/openapi.json": nothing, "GET /api/v1/zabbix-media-type.yaml": nothing, "GET /healthz": nothing, "GET /readyz": nothing, "GET /assets/{hash}/{name}": nothing,
	"POST /people/{name}/signing": nothing, "POST /people/{name}/passkeys": nothing, "POST /people/{name}/passkeys/begin": nothing, "POST /people/{name}/passkeys/seen-to": nothing,
	"POST /api/v1/people/{name}/invitations": nothing,

	// Behind what a page or a mail brought, or before anybody is known.
	"GET /a/{token}": nothing, "POST /a/{token}": nothing, "GET /r/{token}": nothing, "POST /r/{token}": nothing,
	"GET /wall/{token}": nothing,
	"GET /sign-in":      nothing, "POST /sign-in": nothing, "POST /sign-in/forgotten": nothing, "GET /sign-out": nothing, "POST /sign-out": nothing,
	"GET /sign-in/oidc": nothing, "GET /sign-in/oidc/back": nothing, "GET /sign-in/passkey.js": nothing, "POST /sign-in/passkey": nothing, "POST /sign-in/passkey/begin": nothing,
	"GET /invite/{token}": nothing, "POST /invite/{token}": nothing, "POST /invite/{token}/passkey": nothing, "POST /invite/{token}/passkey/begin": nothing,
	"GET /enrol/{token}": nothing, "POST /enrol/{token}": nothing,
}

// verbForms are the forms of a ticket's page, of every verb.
func verbForms() (forms []string) {
	for _, verb := range desk.Verbs() {
		forms = append(forms, "action="+string(verb)+"&seen={seal}&text=x&person={me}")
	}
	return append(forms, "action=assign&seen={seal}&group=managers", "action=assign&seen={seal}&person={me}&as=with")
}
