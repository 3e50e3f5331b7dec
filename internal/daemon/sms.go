package daemon

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/gateway"
	"github.com/astreinte/astreinte/paging/twilio"
)

// sms makes the SMS providers of a configuration, at least one, in the order
// in which to ask them. It also makes the handler for what they send back.
func (d *Daemon) sms(c *config.Config, client *http.Client) ([]paging.Provider, http.Handler, error) {
	hooks := http.NewServeMux()
	observe := func(event string) { d.metrics.webhooks.WithLabelValues(event).Inc() }
	settings := []*config.SMSProvider{&c.SMS.SMSProvider}
	if c.SMS.Fallback != nil {
		settings = append(settings, c.SMS.Fallback)
	}
	providers := make([]paging.Provider, 0, len(settings))
	for _, p := range settings {
		provider, hook, err := d.provider(p, c.Server.PublicURL, client, observe)
		if err != nil {
			return nil, nil, fmt.Errorf("daemon: sms: %w", err)
		}
		provider.Replies = p.Replies != "none"
		path := "/sms/" + provider.Name + "/"
		if p.Provider == "twilio" {
			path = "/twilio/"
		}
		hooks.Handle(path, hook)
		providers = append(providers, provider)
	}
	return providers, hooks, nil
}

func (d *Daemon) provider(p *config.SMSProvider, public string, client *http.Client, observe func(string)) (paging.Provider, http.Handler, error) {
	if p.Provider == "http" {
		return d.gateway(&p.HTTP, public, client, observe)
	}
	settings := twilio.Config{
		AccountSID: p.Twilio.AccountSID, AuthToken: twilio.Secret(p.Twilio.AuthToken.Reveal()),
		MessagingServiceSID: p.Twilio.MessagingServiceSID, From: p.Twilio.From,
		BaseURL: p.Twilio.BaseURL, PublicURL: public, StatusCallbacks: receipts(&p.Twilio, public), HTTP: client,
	}
	sender, err := twilio.New(settings)
	if err != nil {
		return paging.Provider{}, nil, fmt.Errorf("twilio: %w", err)
	}
	provider := paging.Provider{Name: "twilio", Channel: sender, Rate: p.Twilio.Rate, Receipts: settings.StatusCallbacks}
	return provider, twilio.Handler(settings, listener{d}, d.log, observe), nil
}

func (d *Daemon) gateway(g *config.Gateway, public string, client *http.Client, observe func(string)) (paging.Provider, http.Handler, error) {
	settings := gateway.Config{
		Name: g.Name, From: g.From, Spec: g.Spec, Secrets: map[string]gateway.Secret{}, PublicURL: public, Client: d.address, HTTP: client,
	}
	for name, secret := range g.Secrets {
		settings.Secrets[name] = gateway.Secret(secret.Reveal())
	}
	sender, err := gateway.New(settings)
	if err != nil {
		return paging.Provider{}, nil, fmt.Errorf("http: %w", err)
	}
	provider := paging.Provider{Name: g.Name, Channel: sender, Rate: g.Rate, Receipts: g.Spec.Receipts != nil, NoLinks: g.Spec.NoLinks, GSMOnly: !g.Spec.Unicode}
	return provider, gateway.NewHandler(settings, sender, listener{d}, d.log, observe), nil
}

// address is the address that asks; the zero address if that is none.
func (d *Daemon) address(r *http.Request) netip.Addr {
	a, _ := netip.ParseAddr(d.client(r)) // the zero address is in no network
	return a
}

// receipts says whether Twilio can be asked for receipts. It refuses a message
// if it could not deliver its receipts.
func receipts(t *config.Twilio, public string) bool {
	u, err := url.Parse(public)
	if err != nil || u.Host == "" {
		return false
	}
	if t.BaseURL != "" {
		return true
	}
	address, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || (err == nil && (address.IsLoopback() || address.IsPrivate()))
	return !local && !strings.Contains(u.Host, "_")
}
