package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/words"
)

// What should fit into an SMS besides the configured names.
const (
	usualHost  = 20 // characters of a host's name
	usualAlert = 20 // … and of an alert's
)

// warnNames warns of customers' names and sites that leave no room in an SMS
// for a host and an alert of usual length. It counts the text without the
// answers that are only a help. If no name at all would fit, the name is not
// to blame: checkLinks then warns of a long public_url.
func (r *reader) warnNames(cfg *Config) {
	if cfg.SMS == nil {
		return
	}
	for i := range cfg.Rules.Customers {
		c := &cfg.Rules.Customers[i]
		if tooLong(cfg, c, "", "") > 0 {
			continue
		}
		at := join("customers", c.Key)
		if over := tooLong(cfg, c, c.Name, ""); over > 0 {
			r.nearest(join(at, "name"), at).warnf("%q is %s too long for an SMS with a host of %d and an alert of %d: it will be cut",
				c.Name, characters(over), usualHost, usualAlert)
			continue
		}
		var sites []string
		for _, site := range c.Sites {
			if over := tooLong(cfg, c, c.Name, site); over > 0 {
				sites = append(sites, fmt.Sprintf("%q by %d", site, over))
			}
		}
		if len(sites) > 0 {
			r.at[join(at, "sites")].warnf("beside %q too long for an SMS with a host of %d and an alert of %d characters: %s; they will be cut",
				c.Name, usualHost, usualAlert, strings.Join(sites, ", "))
		}
	}
}

// nearest is the value at the first of these paths that the file has.
func (r *reader) nearest(paths ...string) value {
	for _, path := range paths {
		if v := r.at[path]; v.r != nil {
			return v
		}
	}
	return value{r: r}
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

// tooLong is by how many characters a customer's page is longer than an SMS,
// at most, over the providers and languages.
func tooLong(cfg *Config, c *escalation.Customer, name, site string) int {
	host := strings.Repeat("h", usualHost)
	f := words.Facts{
		Urgency: ticket.Critical, Customer: name, Site: site, Host: host, Title: host + " " + strings.Repeat("a", usualAlert),
		Since: time.Unix(0, 0), Firing: 1,
	}
	if slices.ContainsFunc(contractsOf(c), func(key string) bool { return len(cfg.Rules.Contracts[key].GTI) > 0 }) {
		f.GTIDue = f.Since
	}
	providers := []*SMSProvider{&cfg.SMS.SMSProvider}
	if cfg.SMS.Fallback != nil {
		providers = append(providers, cfg.SMS.Fallback)
	}
	over := 0
	for _, p := range providers {
		f.Code, f.Link = 0, ""
		if p.Replies != "none" {
			f.Code = usualCode
		}
		if p.links() {
			f.Link = words.LinkBelow(cfg.Server.PublicURL)
		}
		for _, lang := range spoken(cfg.Rules) {
			over = max(over, words.TooLong(lang, f))
		}
	}
	return over
}

// usualCode has two digits, as most codes have.
const usualCode = 11

// spoken are the languages in which people with a phone are written to.
func spoken(rules *escalation.Rules) []string {
	var all []string
	for _, p := range rules.Directory.People() {
		if lang := paging.Language(p, rules); len(p.Phones) > 0 && !slices.Contains(all, lang) {
			all = append(all, lang)
		}
	}
	return all
}
