"""From a commit to a running site on Elastic Beanstalk: bundle, lint, deploy, rehearse."""
