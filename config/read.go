package config

import (
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// config reads all sections. It first reads those that others refer to.
func (r *reader) config(root value) *Config {
	t := root.table()
	t.get("include") // read before
	r.timeZone(t.get("time_zone"))
	rules := &escalation.Rules{Location: r.location, Language: t.get("language").language("en")}
	cfg := &Config{Rules: rules, Store: r.store(t.get("store"))}
	cfg.Durability = r.durability(t.get("durability"), cfg.Store)
	cfg.Spool = r.spool(t.get("spool"), cfg.Store)
	cfg.Archive = r.archive(t.get("archive"), cfg.Store)
	cfg.EvidenceTo = r.evidenceTo(t.get("evidence_to"))
	cfg.Attachments = r.attachments(t.get("attachments"), cfg.Store)
	cfg.Retention = r.retention(t.get("retention"))

	cfg.Channels = r.sections(t)
	rules.Channels = r.channels
	cfg.Server = r.server(t.get("server"))
	rules.Mark = ticket.MarkOf(cfg.Server.PublicURL)
	r.checkLinks(cfg)

	rules.Calendars = r.calendars(t.get("calendars"))
	cfg.Look, cfg.Business = t.get("daily_look").look(), r.business(t.get("business_hours"))
	rules.Business = cfg.Business
	rules.Contracts = r.contracts(t.get("contracts"))
	people := r.people(t.get("people"), rules.Calendars)
	groups := r.groups(t.get("groups"), rules.Calendars)
	rules.Customers = r.customers(t.get("customers"))
	rules.Desk = r.desk(t.get("desk"))
	r.limited(people)
	cfg.Chat, rules.Rooms = r.chat(t.get("chat"), rules.Language)
	rules.Policies = r.policies(t.get("policies"))
	rules.Route = r.route(t.need("route", "the tree that gives each alert its policy"))
	rules.Urgencies = r.urgencies(t.get("urgency"))
	sources, sourceRules, hooks := r.sources(t.get("sources"))
	cfg.Sources, rules.Sources = sources, sourceRules
	cfg.Tokens = r.api(t.get("api"))
	cfg.SignIn = r.signIn(t.get("sign_in"))
	cfg.DutyReport = r.dutyReport(t.get("duty_report"), rules.Calendars)
	cfg.MailIn = r.mailIn(t.get("mail_in"), cfg.Sources)
	cfg.Webhooks, rules.Webhooks = r.webhooks(t.get("webhooks"))
	cfg.Heartbeats, cfg.HeartbeatTo = r.heartbeats(t.get("heartbeats")), r.heartbeatTo(t.get("heartbeat_to"))
	cfg.Probes, cfg.RecheckNetworks = r.probes(t.get("recheck"), t.get("recheck_networks"))
	hooksOfSources(cfg, rules, hooks)

	t.refuse("receivers are policies: write them under policies, and name one in route.receiver", "receivers")
	t.refuse("hours are calendars: write them under calendars", "time_intervals", "mute_time_intervals")
	t.refuse("webhooks is a list: write webhooks: [{name: …, url: …}]", "webhook")
	t.refuse("Alertmanager's; it means nothing here: leave it out", "global", "tracing")
	t.refuse(notYet, laterSections...)
	t.done()

	cfg.ICals = r.icals
	r.directory(rules, people, groups)
	return cfg
}

// laterSections are sections of later versions.
var laterSections = []string{
	"inhibit_rules", "labels", "metrics", "overrides", "portal",
	"silences", "templates", "tickets", "users", "voice", "log",
}

func (r *reader) directory(rules *escalation.Rules, people []contacts.Person, groups []contacts.Group) {
	if len(r.errors) > 0 {
		return
	}
	d, err := contacts.NewDirectory(people, groups, nil)
	if err != nil {
		r.fail(Problem{Path: "groups", Line: r.at["groups"].line, Message: err.Error()})
	}
	rules.Directory = d
	if d != nil {
		r.supposes = r.supposed(rules, people, groups)
	}
}
