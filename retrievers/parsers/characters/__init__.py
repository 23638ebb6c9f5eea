"""Characters as a person types them, whatever the file wrote."""
