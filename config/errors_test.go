package config

import (
	"strings"
	"testing"
)

// TestSingleErrors changes one thing in a right configuration.
func TestSingleErrors(t *testing.T) {
	tests := []struct{ old, new, want string }{
		// What only a later version can do.
		{"groups:\n", "spool: {}\ngroups:\n", "spool: "},
		{"groups:\n", "spool: data/spool\ngroups:\n", "spool: it is for a store that can be away"},
		{"groups:\n", "portal: {}\ngroups:\n", "portal: this version cannot do that yet"},
		{"provider: twilio,", "provider: twilio, fallback: {},", "sms.fallback.provider: provider: twilio, or http"},
		{"{page: on-call}", "{page: on-call, by: [voice]}", "policies.page[0].by[0]: voice is not in this version: mail, push and sms are"},
		{"groups:\n", "sources: {x: {type: icingo, token: t}}\ngroups:\n", `sources.x.type: sources of type "icingo" are not in this version: alertmanager, `},
		{"groups:\n", "sources: {x: {type: json, token: t}}\ngroups:\n", "sources.x: map wanted"},
		{"groups:\n", "sources: {x: {type: alertmanager, token: t, each: .}}\ngroups:\n", "sources.x.each: sources of type \"alertmanager\" are not described"},
		{"groups:\n", "sources: {x: {type: json, token: t, map: {status: .s}}}\ngroups:\n", "sources.x.map.key: a jq expression wanted"},
		{"groups:\n", "sources: {x: {type: json, token: t, map: {key: .k, status: '.[' }}}\ngroups:\n", "sources.x.map.status: not a jq expression"},
		{"groups:\n", "sources: {x: {type: json, token: t, map: {key: .k, status: input}}}\ngroups:\n", "sources.x.map.status: not a jq expression that is run here: input is not known here"},
		{"groups:\n", "sources: {x: {type: json, token: t, map: {key: .k, status: .s}, answer: {status: 500}}}\ngroups:\n", "sources.x.answer.status: 500 is no success"},
		{"groups:\n", "sources: {x: {type: json, token: t, map: {key: .k, status: .s, urgency: .u}}}\ngroups:\n", "sources.x.map.urgency: unknown key"},
		// Heartbeats.
		{"groups:\n", `heartbeats: {x: {token: t}}` + "\ngroups:\n", `heartbeats.x.every: how often it beats at least wanted`},
		{"groups:\n", `heartbeats: {x: {every: 10s, token: t}}` + "\ngroups:\n", `heartbeats.x.every: 10s is too short: a minute at least`},
		{"groups:\n", `heartbeats: {x: {every: 2y, token: t}}` + "\ngroups:\n", `heartbeats.x.every: `},
		{"groups:\n", `heartbeats: {x: {every: 1h}}` + "\ngroups:\n", `heartbeats.x.token: token or token_file wanted`},
		{"groups:\n", `heartbeats: {fail: {every: 1h, token: t}}` + "\ngroups:\n", `heartbeats.fail: "fail" means something else in an address`},
		{"groups:\n", `heartbeats: {x: {every: 1h, token: t, labels: {customer: nobody}}}` + "\ngroups:\n", `heartbeats.x.labels.customer: no customer named "nobody"`},
		{"groups:\n", `heartbeats: {x: {every: 1h, from: {source: nobody, matchers: [a=b]}}}` + "\ngroups:\n", `heartbeats.x.from.source: no source named "nobody"`},
		{"groups:\n", `heartbeats: {x: {every: 1h, token: t, often: 1}}` + "\ngroups:\n", `heartbeats.x.often: unknown key`},
		{"groups:\n", "heartbeat_to: [{url: ftp://x/}]\ngroups:\n", "heartbeat_to[0].url: not an absolute address"},
		{"groups:\n", "heartbeat_to: [{url: 'https://x/', every: 1s}]\ngroups:\n", "heartbeat_to[0].every: 1s is too short: 10s at least"},
		{"groups:\n", "sources: {heartbeat: {type: alertmanager, token: t}}\ngroups:\n", `sources.heartbeat: "heartbeat" is the source of the alerts of heartbeats`},
		// Durations, sizes and times.
		{"after: 15m", "after: 1.5h", `policies.page[1].after: "1.5h" is no duration`},
		{"after: 15m", "repeat: 0s", `policies.page[1].repeat: 0s is too short`},
		{"ack_timeout: 45m", "ack_timeout: 0s", `policies.page.ack_timeout: 0s is too short`},
		{"ack_timeout: 45m", "ack_timeout: 45m, close_after: 0", `policies.page.close_after: 0 is too short`},
		{"ack_timeout: 45m", "ack_timeout: 45m, close_after: 0s", `policies.page.close_after: 0s is too short`},
		{"ack_timeout: 45m", "ack_timeout: 45m, reopen_within: 0s, close_after: 1m", ""},
		{"after: 15m", "times: 0", `policies.page[1].times: 0 is too little: 1 or more`},
		{"after: 15m", "times: many", `policies.page[1].times: a whole number wanted, not a text`},
		{"within: 1h}", "within: 1 hour}", `contracts.full.gti.critical.within: "1 hour" is no duration`},
		{"calendar: day}}", "calendar: day}}, respond_within: {critical: {within: 30m}, low: {within: 3h}}, call_back_within: {critical: {within: 1h}}, news_within: {major: {within: 2h}}, resolve_within: {major: {within: 24h}}", ""},
		{"calendar: day}}", "calendar: day}}, respond_within: {critical: {within: 0s}}", `contracts.full.respond_within.critical.within: 0s is too short`},
		{"calendar: day}}", "calendar: day}}, news_within: {urgent: {within: 1h}}", `contracts.full.news_within.urgent: unknown key`},
		{"calendar: day}}", "calendar: day}}, resolve_within: {critical: {within: 1h, calendar: nowhere}}", `contracts.full.resolve_within.critical.calendar: no calendar named "nowhere"`},
		{"calendar: day}}", "calendar: day}}, call_back_within: 1h", `contracts.full.call_back_within: keys with values wanted`},
		// Routing.
		{"{receiver: page}", "{receiver: page, group_by: [a, a]}", "route.group_by[1]: a is named twice"},
		{"{receiver: page}", "{receiver: page, receivers: [page]}", "route.receivers: a receiver is one policy"},
		{"{receiver: page}", "{receiver: page, routes: [{match_re: {a: b}}]}", "route.routes[0].match_re: use matchers"},
		{"{receiver: page}", "{receiver: page, routes: [{matchers: {a: b}}]}", "route.routes[0].matchers: a list of matchers wanted"},
		{"{receiver: page}", "{receiver: page, group_interval: 5m}", "route.group_interval: "},
		{"{receiver: page}", "{group_by: [a]}", "route.receiver: the policy of alerts that no route below takes is wanted"},
		// People and names.
		{"phones: [\"+33612345601\"]", "phone: \"+33612345601\"", "people.alice.phone: write phones"},
		{"  alice: ", "  al/ice: {}\n  alice: ", `people."al/ice": "al/ice" cannot be a name`},
		{`alice: {phones`, `alice: {customers: [acme], phones`, ""},
		{`alice: {phones`, `alice: {customers: [acmee], phones`, `people.alice.customers[0]: no customer named "acmee"`},
		{`alice: {phones`, `alice: {customers: [], phones`, "people.alice.customers: nobody's tickets: name a customer"},
		{`alice: {phones`, `alice: {customers: [acme], role: manager, phones`, "people.alice.customers: whoever is manager sees everything"},
		{`alice: {phones`, `alice: {customers: [acme], role: admin, phones`, "people.alice.customers: whoever is admin sees everything"},
		{"[alice, bruno]", "[alice, bob]", `groups.on-call.rotations[0].people[1]: no person named "bob"`},
		{`first: "2026-11-19"`, `first: tomorrow`, `groups.on-call.rotations[0].first: "tomorrow" is no date`},
		// Channels.
		{`, from: "+33612345699"`, ``, "sms.twilio.messaging_service_sid: messaging_service_sid or from wanted"},
		{`from: "+33612345699"`, `from: "A name too long"`, `sms.twilio.from: "A name too long" is no sender`},
		{"provider: twilio,", "provider: twilio, replies: same,", ""},
		{`from: "+33612345699"}`, `from: Astreinte}, replies: same`, "sms.replies: a sender that is a name takes no answers"},
		{`{public_url: "https://astreinte.example.net"}`, `{}`, "server.public_url: the address under which phones reach this daemon wanted"},
		{`{public_url: `, `{private_listen: ":8080", public_url: `, "server.private_listen: it is server.listen itself"},
		{`{public_url: `, `{private_listen: "127.0.0.1:8081", max_connections: 16, public_url: `, ""},
		{`{public_url: `, `{private_listen: "8081", public_url: `, `server.private_listen: "8081" is no address to listen at`},
		{`{public_url: `, `{max_connections: 4, public_url: `, "server.max_connections: 4 is too little: 16 or more"},
		{`{public_url: `, `{tls: {certificate: a.crt}, public_url: `, "server.tls.key: the file of the certificate's key, in PEM form, wanted"},
		{`{public_url: `, `{tls: {certificate: nowhere.crt, key: nowhere.key}, public_url: `, "server.tls.certificate: cannot read the file "},
		{`https://astreinte.example.net`, `/astreinte`, "server.public_url: not an absolute address"},
		// What is over.
		{"groups:\n", "retention: {tickets: 5y, pages: 1y, personal: 2y, audit: 5y}\ngroups:\n", ""},
		{"groups:\n", "retention: {tickets: 30d}\ngroups:\n", "retention.tickets: 31d at least"},
		{"groups:\n", "retention: {pages: 30d}\ngroups:\n", "retention.pages: 31d at least"},
		{"groups:\n", "retention: {personal: 2y}\ngroups:\n", "retention.personal: longer than retention.tickets"},
		{"groups:\n", "retention: {audit: 30d}\ngroups:\n", "retention.audit: 31d at least"},
		{"groups:\n", "retention: {mails: 1y}\ngroups:\n", "retention.mails: "},
		// Stores.
		{"groups:\n", "store: redis+sentinel://h:1\ngroups:\n", "store: after the sentinels the name of the primary is wanted"},
		{"groups:\n", "store: redis://\ngroups:\n", "store: redis:// and host:port wanted"},
		{"groups:\n", "store: rediss://h:6380/0\ngroups:\n", ""},
		{"groups:\n", "store: redis+cluster://h:1,g:2\ngroups:\n", ""},
		{"groups:\n", "durability: replicated\ngroups:\n", "durability: a file has no replicas"},
		{"groups:\n", "durability: twice\nstore: redis://h\ngroups:\n", `durability: no durability "twice": local or replicated`},
		{"groups:\n", "durability: replicated\nstore: redis://h\ngroups:\n", ""},
		{"groups:\n", "durability: local\ngroups:\n", ""},
		{"groups:\n", "time_zone: Local\ngroups:\n", `time_zone: no time zone named "Local"`},
	}
	for _, tt := range tests {
		if !strings.Contains(desk, tt.old) {
			t.Fatalf("%q is not in the desk", tt.old)
		}
		cfg, report := parseText(t, strings.Replace(desk, tt.old, tt.new, 1), nil)
		switch {
		case tt.want == "":
			wantErrors(t, report.Errors)
		case cfg != nil || !strings.HasPrefix(report.Errors[0].String(), tt.want):
			t.Errorf("%s: %v, want %s", tt.new, report.Errors, tt.want)
		}
	}
}

// TestMatchers: names and values of any language.
func TestMatchers(t *testing.T) {
	cfg, report := parseText(t, strings.Replace(desk, "{receiver: page}",
		`{receiver: page, group_by: [équipe], routes: [{matchers: ['équipe="réseau"', 'a=b, c=~"d|e"']}, {group_by: [...]}]}`, 1), nil)
	wantErrors(t, report.Errors)
	if cfg == nil {
		return
	}
	route := cfg.Rules.Route
	if m := route.Routes[0].Matchers; len(m) != 3 || m[2].Name != "équipe" || m[2].Value != "réseau" {
		t.Errorf("matchers %v", m)
	}
	if _, ok := route.RouteOpts.GroupBy["équipe"]; !ok || !route.Routes[1].RouteOpts.GroupByAll {
		t.Errorf("grouped by %v", route.RouteOpts.GroupBy)
	}
}
