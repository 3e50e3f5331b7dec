package archtest

import "slices"

// room is what one package of the house may import of the others.
type room struct {
	imports []string // its own code
	tests   []string // what its tests may import besides
}

// everything stands for every package but the commands.
const everything = "*"

// rooms has a row for each package, by its path below the module's. A row may
// stand before its package does.
var rooms = map[string]room{
	// The nouns and the pure rules.
	"internal/calendar":          {},
	"internal/calendar/compared": {tests: []string{"internal/calendar"}},
	"internal/stack":             {},
	"internal/jq":                {},
	"internal/nagios":            {},
	"internal/mask":              {},
	"internal/courier":           {},
	"internal/ticket":            {imports: []string{"internal/calendar"}, tests: []string{"internal/reftest"}},
	"internal/lang":              {imports: []string{"internal/ticket"}},
	"internal/records":           {imports: []string{"internal/ticket"}},
	"contacts":                   {imports: []string{"internal/calendar"}},
	"escalation": {
		imports: []string{"internal/ticket", "internal/lang", "internal/records", "internal/stack", "contacts", "internal/calendar"},
		tests:   []string{"escalation/storetest"},
	},
	"internal/effect":         {imports: []string{"internal/ticket", "internal/records"}, tests: []string{"escalation", "escalation/storetest", "internal/store/boltstore", "internal/store/redisstore", "internal/store/redisstore/redistest", "contacts", "internal/calendar"}},
	"internal/effect/webhook": {imports: []string{"internal/effect", "internal/ticket"}},
	"internal/effect/mail": {
		imports: []string{"internal/effect", "internal/records", "internal/ticket", "contacts"},
		tests:   []string{"escalation", "escalation/storetest"},
	},
	// What speaks to the tools that alerts come from.
	"internal/upstream":              {imports: []string{"internal/ticket"}, tests: []string{"internal/upstream/upstreamtest", "internal/zabbixtest"}},
	"internal/upstream/upstreamtest": {imports: []string{"internal/upstream"}},
	"internal/effect/back": {
		imports: []string{"internal/effect", "internal/records", "internal/ticket", "internal/upstream"},
		tests:   []string{"escalation/storetest", "internal/upstream/upstreamtest"},
	},
	"internal/effect/room": {
		imports: []string{"internal/effect", "internal/records", "internal/ticket", "internal/desk", "internal/lang", "contacts", "escalation", "paging/chat"},
		tests:   []string{"escalation/storetest", "internal/calendar", "paging/chat/chattest"},
	},
	"internal/postgrestest": {},
	"internal/evidence":     {tests: []string{"internal/web/browsertest"}},
	"internal/archive":      {imports: []string{"internal/evidence", "internal/ticket"}, tests: []string{"internal/archive/archivetest", "internal/postgrestest", "escalation", "escalation/storetest", "internal/store/boltstore", "internal/store/redisstore", "internal/store/redisstore/redistest", "internal/records"}},
	"internal/archive/archivetest": {
		imports: []string{"escalation", "escalation/storetest", "internal/archive", "internal/evidence", "internal/postgrestest", "internal/records", "internal/ticket", "paging"},
	},
	"escalation/storetest": {
		imports: []string{"escalation", "paging", "internal/records", "internal/ticket", "contacts", "internal/calendar"},
	},

	// Alerts in, pages out.
	"ingest":               {imports: []string{"internal/ticket", "internal/jq", "internal/mask", "internal/nagios", "ingest/mailin/letter"}, tests: []string{"config", "internal/reftest"}},
	"ingest/mailin":        {imports: []string{"internal/ticket", "ingest", "ingest/mailin/letter"}},
	"ingest/mailin/letter": {imports: []string{"internal/ticket"}},
	"paging": {
		imports: []string{"internal/ticket", "internal/lang", "internal/records", "internal/stack", "contacts", "escalation", "internal/calendar", "paging/words"},
		tests:   []string{"escalation/storetest", "paging/phonetest"},
	},
	"paging/words": {imports: []string{"internal/ticket", "internal/lang", "escalation"}},
	"paging/answer": {
		imports: []string{"internal/ticket", "internal/lang", "internal/records", "internal/desk", "internal/duty", "contacts", "escalation", "paging", "paging/words"},
		tests:   []string{"escalation/storetest"},
	},
	"paging/twilio": provider,
	"paging/fcm":    provider,
	"paging/smtp": {
		imports: provider.imports,
		tests:   slices.Concat(provider.tests, []string{"paging/smtp/smtptest"}),
	},
	"paging/smtp/smtptest": {},
	"paging/webpush": {
		imports: slices.Concat(provider.imports, []string{"internal/records", "internal/lang"}),
		tests:   slices.Concat(provider.tests, []string{"config"}),
	},
	"paging/gateway": {
		imports: slices.Concat(provider.imports, []string{"paging/words", "internal/jq"}),
		tests:   slices.Concat(provider.tests, []string{"config", "paging/gateway/gatewaytest"}),
	},
	"paging/gateway/gatewaytest": {},
	"paging/chat":                {imports: []string{"internal/ticket"}, tests: []string{"paging/chat/chattest"}},
	"paging/chat/chattest":       {},
	"paging/phonetest":           {imports: []string{"internal/ticket"}, tests: []string{"paging", "paging/twilio", "paging/fcm", "paging/webpush", "escalation/storetest"}},

	// What nobody else may import.
	"internal/store/boltstore": store,
	"internal/store/redisstore": {
		imports: store.imports,
		tests:   slices.Concat(store.tests, []string{"internal/store/redisstore/redistest"}),
	},
	"internal/store/redisstore/redistest": {},
	"internal/spool":                      {imports: []string{"internal/ticket"}},
	"internal/desk":                       {imports: []string{"escalation", "internal/ticket", "contacts", "paging"}, tests: []string{"internal/calendar"}},
	"internal/web/console": {
		imports: []string{"escalation", "internal/lookahead", "paging", "internal/attachment", "internal/audit", "internal/desk", "internal/duty", "internal/effect/room", "internal/imported", "internal/presence", "internal/ready", "internal/records", "internal/ticket", "internal/lang", "contacts", "internal/web", "internal/web/look"},
		tests:   []string{"escalation/storetest", "internal/calendar", "internal/reftest", "internal/store/boltstore", "internal/web/browsertest"},
	},
	"internal/signin/openid": {
		imports: []string{"internal/records", "internal/ticket", "contacts"},
		tests:   []string{"escalation/storetest", "internal/signin/openid/openidtest"},
	},
	"internal/signin/openid/openidtest": {},
	"internal/signin/passkey": {
		imports: []string{"internal/records", "internal/ticket", "contacts"},
		tests:   []string{"escalation/storetest"},
	},
	"internal/web/browsertest": {},
	"internal/web/events":      {imports: []string{"internal/ticket"}, tests: []string{"internal/reftest"}},
	"internal/signin": {
		imports: []string{"paging", "internal/desk", "internal/qr", "internal/records", "internal/ticket", "internal/lang", "contacts", "internal/web", "internal/signin/openid", "internal/signin/passkey"},
		tests:   []string{"internal/signin/openid/openidtest", "escalation", "escalation/storetest", "internal/web/console", "internal/calendar", "internal/reftest"},
	},
	"internal/web/phone": {
		imports: []string{"escalation", "paging", "internal/desk", "internal/qr", "internal/records", "internal/lang", "internal/web", "internal/web/console", "internal/web/look"},
		tests:   []string{"escalation/storetest", "internal/calendar", "internal/reftest", "internal/ticket", "contacts"},
	},
	"internal/qr":       {},
	"internal/web/look": {imports: []string{"escalation", "internal/desk", "internal/ticket", "internal/lang", "contacts"}},
	"internal/duty":     {imports: []string{"contacts", "internal/records", "internal/ticket"}, tests: []string{"escalation/storetest", "internal/calendar"}},
	"internal/duty/report": {
		imports: []string{"contacts", "escalation", "internal/calendar", "internal/duty", "internal/ready", "internal/records", "internal/ticket", "paging"},
		tests:   []string{"escalation/storetest"},
	},
	"internal/payroll": {
		imports: []string{"escalation", "internal/calendar", "internal/desk", "internal/duty/report", "internal/lang", "internal/ticket", "internal/web"},
	},
	"internal/disk":       {},
	"internal/attachment": {imports: []string{"internal/disk", "internal/ticket"}},
	"internal/backup": {
		imports: []string{"internal/archive", "internal/attachment"},
		tests:   []string{"escalation/storetest", "internal/archive/archivetest", "internal/ticket"},
	},
	"internal/proof": {
		imports: []string{"escalation", "internal/desk", "internal/evidence", "internal/lang", "internal/ticket", "internal/web", "internal/web/look"},
	},
	"internal/plan": {
		imports: []string{"escalation", "internal/desk", "internal/lang", "internal/records", "internal/ticket", "internal/web"},
		tests:   []string{"escalation/storetest"},
	},
	"internal/customer": {
		imports: []string{"contacts", "escalation", "internal/archive", "internal/calendar", "internal/desk", "internal/lang", "internal/ticket", "internal/web", "internal/web/look"},
		tests:   []string{"escalation/storetest", "internal/archive/archivetest"},
	},
	"internal/attachment/board": {
		imports: []string{"escalation", "internal/attachment", "internal/desk", "internal/disk", "internal/ticket", "internal/web"},
		tests:   []string{"contacts", "escalation/storetest", "internal/calendar", "internal/lang"},
	},
	"internal/audit": {imports: []string{"internal/records", "internal/ticket"}, tests: []string{"escalation/storetest", "internal/reftest"}},
	"internal/feed": {
		imports: []string{"escalation", "contacts", "internal/desk", "internal/records", "internal/ticket", "internal/lang", "internal/web", "internal/web/look"},
		tests:   []string{"escalation/storetest", "internal/calendar", "internal/reftest", "internal/web/console"},
	},
	"internal/icalendar": {imports: []string{"internal/ticket"}},
	"internal/imported":  {imports: []string{"contacts", "internal/icalendar", "internal/records", "internal/ticket"}, tests: []string{"escalation/storetest"}},
	"internal/ready":     {imports: []string{"contacts", "paging", "internal/duty", "internal/lang", "internal/records", "internal/ticket"}, tests: []string{"escalation/storetest", "internal/calendar"}},
	"internal/probe":     {imports: []string{"internal/ticket"}},
	"internal/recheck": {
		imports: []string{"escalation", "internal/desk", "internal/probe", "internal/records", "internal/ticket"},
		tests:   []string{"contacts", "escalation/storetest"},
	},
	"internal/silence": {
		imports: []string{"escalation", "internal/desk", "internal/icalendar", "internal/records", "internal/ticket", "internal/lang", "internal/web", "internal/web/look"},
		tests:   []string{"escalation/storetest", "contacts", "internal/calendar", "internal/reftest"},
	},
	"internal/silence/peer": {
		imports: []string{"escalation", "internal/audit", "internal/silence", "internal/ticket"},
		tests:   []string{"escalation/storetest", "ingest", "internal/reftest"},
	},
	"internal/source": {
		imports: []string{"escalation", "ingest", "paging", "internal/desk", "internal/lang", "internal/mask", "internal/records", "internal/ticket", "internal/web", "internal/web/look"},
		tests:   []string{"escalation/storetest", "contacts", "internal/calendar"},
	},
	"internal/heartbeat": {
		imports: []string{"escalation", "internal/records", "internal/ticket", "internal/lang"},
		tests:   []string{"escalation/storetest", "contacts", "internal/calendar", "internal/store/boltstore", "internal/store/redisstore", "internal/store/redisstore/redistest"},
	},
	"internal/heartbeat/board": {
		imports: []string{"escalation", "internal/heartbeat", "internal/desk", "internal/ticket", "internal/lang", "internal/web", "internal/web/look"},
	},
	"internal/lookahead": {
		imports: []string{"config", "contacts", "escalation", "internal/calendar", "internal/duty", "internal/lang", "internal/ready", "internal/records", "internal/ticket", "paging"},
		tests:   []string{"escalation/storetest"},
	},
	"internal/web": {
		imports: []string{"internal/effect/room", "docs/sources", "escalation", "internal/lookahead", "internal/audit", "internal/duty", "internal/imported", "internal/presence", "internal/ready", "paging", "internal/desk", "internal/ticket", "internal/lang", "contacts", "internal/calendar", "internal/web/look", "internal/web/events"},
		tests:   []string{"escalation/storetest", "paging/phonetest", "paging/answer", "internal/store/boltstore", "internal/reftest"},
	},
	"internal/presence": {imports: []string{"internal/records", "internal/ticket"}, tests: []string{"escalation/storetest"}},
	"internal/pager": {
		imports: []string{"escalation", "paging", "paging/answer", "internal/records", "internal/ticket", "contacts"},
		tests:   []string{"config", "escalation/storetest", "paging/phonetest"},
	},
	"internal/standby": {
		imports: []string{
			"internal/pager", "internal/duty", "internal/imported", "internal/spool", "internal/store/boltstore", "escalation", "ingest",
			"paging", "paging/answer", "internal/ticket",
		},
		tests: []string{"config", "contacts", "escalation/storetest"},
	},
	"internal/client":         {tests: []string{"internal/web", "internal/ticket", "escalation/storetest"}},
	"internal/doorway":        {imports: []string{"internal/ticket"}, tests: []string{"internal/reftest"}},
	"internal/daemon":         {imports: []string{everything}},
	"internal/daemon/demo":    {imports: []string{everything}},
	"internal/daemon/screens": {tests: []string{everything}},
	"internal/bench":          {imports: []string{everything}},
	"internal/archtest":       {},
	"internal/reftest":        {},
	"internal/zabbixtest":     {imports: []string{"internal/postgrestest"}},
	"docs/sources":            {},

	// The file and the commands.
	"config": {imports: []string{"internal/calendar", "internal/ticket", "contacts", "escalation", "paging", "paging/words", "paging/gateway", "paging/webpush", "paging/smtp", "paging/chat", "ingest", "internal/heartbeat", "internal/probe"}, tests: []string{"internal/reftest", "paging/smtp/smtptest"}},
	"cmd/astreinte": {
		imports: []string{
			"config", "internal/qr", "internal/daemon", "internal/daemon/demo", "ingest", "internal/client", "internal/nagios", "internal/courier", "internal/heartbeat", "internal/lang", "internal/probe",
			"escalation", "contacts", "internal/calendar", "internal/ticket", "paging", "paging/words",
		},
		tests: []string{everything},
	},
}

// A provider knows paging and what paging knows, never another provider.
var provider = room{
	imports: []string{"paging", "internal/ticket", "contacts", "escalation"},
	tests:   []string{"escalation/storetest", "paging/phonetest", "internal/reftest"},
}

// A store implements the interfaces that its users declare.
var store = room{
	imports: []string{"escalation", "internal/records", "internal/ticket", "paging"},
	tests:   []string{"escalation/storetest", "contacts", "internal/calendar"},
}

// sdk is a library with one home, so that what it speaks to can be replaced.
type sdk struct {
	path  string   // of the library's packages, without the major version
	home  string   // the package that uses it, with those below it
	tests []string // the packages whose tests may import it besides
}

var sdks = []sdk{
	{path: "github.com/twilio/twilio-go", home: "paging/twilio", tests: []string{"paging/phonetest"}},
	{path: "firebase.google.com/go", home: "paging/fcm", tests: []string{"paging/phonetest"}},
	{path: "github.com/SherClockHolmes/webpush-go", home: "paging/webpush"},
	{path: "github.com/redis/go-redis", home: "internal/store/redisstore", tests: []string{everything}},
	{path: "github.com/wneessen/go-mail", home: "paging/smtp"},
	{path: "github.com/itchyny/gojq", home: "internal/jq"},
	{path: "github.com/coreos/go-oidc", home: "internal/signin/openid"},
	{path: "github.com/go-webauthn/webauthn", home: "internal/signin/passkey"},
	{path: "github.com/skip2/go-qrcode", home: "internal/qr"},
	{path: "github.com/emersion/go-ical", home: "internal/feed"},
	{path: "github.com/prometheus-community/pro-bing", home: "internal/probe"},
	{path: "github.com/teambition/rrule-go", home: "internal/icalendar"},
	{path: "github.com/emersion/go-smtp", home: "ingest/mailin", tests: []string{"paging/smtp/smtptest"}},
	{path: "github.com/jhillyerd/enmime", home: "ingest/mailin/letter"},
	{path: "go.etcd.io/bbolt", home: "internal/store/boltstore"},
	{path: "modernc.org/sqlite", home: "internal/archive"},
	{path: "github.com/jackc/pgx", home: "internal/archive"},
	{path: "github.com/pressly/goose", home: "internal/archive"},
	{path: "github.com/gowebpki/jcs", home: "internal/evidence"},
}

// testOnly are the libraries that no program may link.
var testOnly = []string{
	"testing",
	"pgregory.net/rapid",
	"go.uber.org/goleak",
	"github.com/rogpeppe/go-internal/testscript",
	"github.com/chromedp/chromedp",
	"github.com/zitadel/oidc",
	"github.com/arran4/golang-ical",
	"github.com/emersion/go-sasl",
}

// testPackages may import those libraries outside their _test.go files, and
// only tests may import them. The demo links paging/phonetest, which is
// therefore not one of them.
var testPackages = map[string]bool{
	"escalation/storetest":                true,
	"internal/store/redisstore/redistest": true,
	"internal/reftest":                    true,
	"internal/signin/openid/openidtest":   true,
	"internal/upstream/upstreamtest":      true,
	"internal/web/browsertest":            true,
	"paging/smtp/smtptest":                true,
	"internal/zabbixtest":                 true,
	"internal/postgrestest":               true,
	"internal/archive/archivetest":        true,
	"paging/chat/chattest":                true,
}

// topLevel are the entries beside dotfiles that the owner of the project named.
var topLevel = map[string]bool{
	"cmd": true, "ingest": true, "paging": true, "escalation": true,
	"contacts": true, "config": true, "internal": true, "docs": true,
	"go.mod": true, "go.sum": true, "README.md": true, "LICENSE": true,
}

// pureFiles are the files of each package, as patterns, that only compute: no
// clock, no I/O, no randomness.
var pureFiles = map[string][]string{
	"internal/calendar": {"*.go"},
	"internal/ticket":   {"*.go"},
	"contacts":          {"*.go"},
	"escalation":        {"step*.go", "policy*.go", "route*.go", "almanac.go", "course.go", "outlook.go"},
}

// bubbleTypes are the types, by package, whose values live in a bubble of
// testing/synctest alone, so that who has one knows no other clock.
var bubbleTypes = map[string][]string{
	"escalation":        {"house"},
	"internal/daemon":   {"town", "hookServer"},
	"internal/imported": {"firm"},
	"internal/recheck":  {"town"},
	"internal/upstream": {"icingaChecks", "zabbixChecks"},
}

// clockRow are files of tests that ask for the time in other ways than
// checkTestClock allows, and why they may.
type clockRow struct {
	files  string // a pattern of path.Match
	uses   int    // so many times
	reason string
}

const manyUses = -1

var clockFiles = []clockRow{
	{"internal/daemon/sim_*_test.go", manyUses, "a world of the simulation lives in a bubble, its people and tools too"},
	{"cmd/astreinte/e2e_fleet_test.go", 3, "elapsed time: when an alert was taken and a page was ordered are kept in records, to be subtracted"},
	{"cmd/astreinte/e2e_redis_test.go", 1, "elapsed time: when Redis was back is returned, to be subtracted"},
	{"cmd/astreinte/notify_tools_long_test.go", 1, "a command for a real tool bears the second at which it was given, by the machine's clock as the tool's is"},
	{"internal/effect/back/real_long_test.go", 1, "silences for a real Alertmanager bear instants by the machine's clock, as its own is"},
	{"cmd/astreinte/kill_test.go", 2, "elapsed time: when each daemon was started is kept in a list, to be subtracted"},
	{"internal/daemon/latency_test.go", 1, "elapsed time: a benchmark's page tells when it arrived, to be subtracted"},
	{"paging/gateway/ready_test.go", 1, "the difference of two clocks is tested, and the other one is the machine's"},
	{"paging/gateway/gatewaytest/account.go", 1, "the clock of a stand-in that is told no other: it is compared with its client's"},
	{"paging/phonetest/world.go", 2, "the clocks of a world that is told no other: one stamps messages and decides nothing, the other is that of whoever signs a push, who is the same machine"},
	{"escalation/storetest/memory.go", 1, "the store's clock is the bubble's"},
}
