"""The deployment, played on this machine in the order in which Elastic Beanstalk does it.

`world.py` stands in for what is around an instance (database, S3, CDN, load balancer),
`instance.py` for the platform on it; `probes.py` asks the running site from outside, `faults.py`
tries releases that have to be stopped. What this cannot show stands in `docs/deploy.md`.
"""
