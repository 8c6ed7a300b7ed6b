"""The durable state: deliveries, reviews, snippets and feedback in one SQL database."""
