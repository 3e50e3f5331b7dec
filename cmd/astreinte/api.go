package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

// Where a command finds the daemon, if its flags do not say.
const (
	envURL     = "ASTREINTE_URL"
	envToken   = "ASTREINTE_TOKEN" //nolint:gosec // the variable's name, not a token
	defaultURL = "http://127.0.0.1:8080"
)

// daemonFlags say which daemon to ask.
type daemonFlags struct{ url, token string }

func (f *daemonFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.url, "url", "", "the daemon's `URL`; $"+envURL+", or "+defaultURL)
	cmd.Flags().StringVar(&f.token, "token", "", "API `TOKEN`; $"+envToken+" keeps it out of the process list")
}

// ask makes requests to the daemon.
func (f *daemonFlags) ask(cmd *cobra.Command, do func(context.Context, *client.Client) error) error {
	o := client.Options{URL: firstOf(f.url, os.Getenv(envURL), defaultURL), Token: firstOf(f.token, os.Getenv(envToken)), Language: firstOf(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))}
	if o.Token == "" {
		return usagef(cmd, "an API token is missing: set %s, or give --token", envToken)
	}
	c, err := client.New(o)
	if err != nil {
		return usagef(cmd, "%w", err)
	}
	return do(cmd.Context(), c)
}

// firstOf is the first text that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
